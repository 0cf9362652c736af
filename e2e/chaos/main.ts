/**
 * `npm run chaos -- --minutes 10 --seed 7 [--redis]`: one run, its tables, and exit code 1 where anything differs.
 * `--kills-per-minute 60` kills so often, for longer where the machine is slow; with `--period-end` the period ends and is invoiced.
 * `npm run chaos -- --planted [name …]`: each planted bug must be caught; with `--control` the same faults without the bugs, of which none may be.
 */
import { parseArgs } from 'node:util';
import { build } from '../built.ts';
import { injectedTable, meterTable, plantedTable, verdict } from './chaos-report.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { runChaos } from './run-chaos.ts';
import { type PlantedOutcome, runPlanted } from './run-planted.ts';
import { DEFAULT_SCENARIO, killing } from './scenario.ts';

const OPTIONS = { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' }, redis: { type: 'boolean', default: false }, planted: { type: 'boolean', default: false }, control: { type: 'boolean', default: false }, 'kills-per-minute': { type: 'string' }, 'period-end': { type: 'boolean', default: false } } as const;
/** From here on webhooks are lost for good too: billing's own look at Stripe, every five minutes, finds them. */
const LONG_SECONDS = 300;

const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const started = performance.now();
const say = (text: string): void => print(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${text}`);

async function runOnce(seed: number, faultSeconds: number): Promise<boolean> {
  say(`seed ${seed}`);
  const isLong = faultSeconds >= LONG_SECONDS;
  const rate = values['kills-per-minute'] === undefined ? {} : killing(Number(values['kills-per-minute']), faultSeconds);
  const report = await runChaos({ ...DEFAULT_SCENARIO, ...rate, seed, faultSeconds, redis: values.redis, endsPeriod: values['period-end'], webhooks: { ...DEFAULT_SCENARIO.webhooks, drop: isLong ? 0.05 : 0 }, settleSeconds: isLong ? 2 * LONG_SECONDS : 150 }, { say });
  print(`\n${injectedTable(report)}\n\n${meterTable(report)}\n\n${verdict(report)}`);
  return report.differences.length === 0;
}

async function runAllPlanted(seed: number, names: readonly string[]): Promise<boolean> {
  const unknown = names.filter((name) => !PLANTED_BUGS.some((bug) => bug.name === name));
  if (unknown.length > 0) throw new TypeError(`there is no planted bug ${unknown.join(', ')}`);
  const outcomes: PlantedOutcome[] = [];
  for (const bug of PLANTED_BUGS) {
    if (names.length > 0 && !names.includes(bug.name)) continue;
    const outcome = await runPlanted(bug, { seed, isControl: values.control });
    outcomes.push(outcome);
    say(`${bug.name}: ${outcome.caughtBy.length === 0 ? 'nothing differs' : outcome.caughtBy.join(', ')}`);
    for (const { invariant, what } of outcome.report.differences.slice(0, 4)) print(`           ${invariant}: ${what.slice(0, 300)}`);
    if (outcome.isCaught === values.control) print(`\n${injectedTable(outcome.report)}\n`);
  }
  print(`\n${plantedTable(outcomes)}`);
  return outcomes.every(({ isCaught, caughtBy }) => (values.control ? caughtBy.length === 0 : isCaught));
}

// Whoever breaks off leaves no process behind: each is killed when this one exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const seed = Number(values.seed);
const faultSeconds = Number(values.minutes) * 60;
const killsPerMinute = Number(values['kills-per-minute'] ?? 1);
if (!(killsPerMinute > 0)) throw new TypeError('--kills-per-minute takes a number');
if (!(faultSeconds > 0) || !Number.isSafeInteger(seed)) throw new TypeError('--minutes and --seed take numbers');
await build();
const isGood = values.planted ? await runAllPlanted(seed, positionals) : await runOnce(seed, faultSeconds);
// What was killed in the middle may have left somebody here who waits for it.
process.exit(isGood ? 0 : 1);
