/** `npm run chaos -- --minutes 10 --seed 7 [--redis]`: one run, its tables, and exit code 1 where anything differs. `-- --planted [name]`: each planted bug must be caught. */
import { parseArgs } from 'node:util';
import { build } from '../built.ts';
import { injectedTable, meterTable, verdict } from './chaos-report.ts';
import { DEFAULT_SCENARIO, runChaos } from './run-chaos.ts';

const { values, positionals } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' }, redis: { type: 'boolean', default: false }, planted: { type: 'boolean', default: false } }, allowPositionals: true });
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const started = performance.now();
const say = (text: string): void => print(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${text}`);

await build();
const faultSeconds = Number(values.minutes) * 60;
const seed = Number(values.seed ?? 1);
if (!(faultSeconds > 0) || !Number.isSafeInteger(seed)) throw new TypeError('--minutes and --seed take numbers');
say(`seed ${seed}`);
const report = await runChaos({ ...DEFAULT_SCENARIO, seed, faultSeconds, redis: values.redis, webhooks: { ...DEFAULT_SCENARIO.webhooks, drop: faultSeconds >= 300 ? 0.05 : 0 }, settleSeconds: faultSeconds >= 300 ? 420 : 120 }, { say });
print(`\n${injectedTable(report)}\n\n${meterTable(report)}\n\n${verdict(report)}`);
if (positionals.length > 0 || report.differences.length > 0) process.exitCode = 1;
