/** `npm run lives -- --count 1000 --seed 1`: as many lives as one likes, each printed by its seed when it does not end in agreement. */
import { parseArgs } from 'node:util';
import { newTestRun, startTestPostgres } from '@iotistic/testkit/database';
import { runLives } from './run-lives.ts';

const { values } = parseArgs({ options: { count: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' }, days: { type: 'string', default: '365' }, batch: { type: 'string', default: '100' } } });
const [count, seed, days, batch] = [values.count, values.seed, values.days, values.batch].map(Number) as [number, number, number, number];

const run = newTestRun();
const postgres = await startTestPostgres(run);
process.env['TEST_DATABASE_URL'] = postgres.url;
process.env['TEST_RUN'] = run;
let failures = 0;
for (let first = seed; first < seed + count; first += batch) {
  const size = Math.min(batch, seed + count - first);
  const started = performance.now();
  const failed = await runLives({ firstSeed: first, count: size, days, onDay: (day) => day % 30 === 0 && process.stderr.write(`seeds ${first} to ${first + size - 1}: day ${day}\n`) });
  failures += failed.length;
  for (const life of failed) process.stdout.write(`\nseed ${life.seed} does not end in agreement:\n  ${life.problems.join('\n  ')}\n  what it did:\n    ${life.log.join('\n    ')}\n`);
  process.stdout.write(`seeds ${first} to ${first + size - 1}: ${size - failed.length} in agreement, ${failed.length} not (${((performance.now() - started) / 1000).toFixed(0)} s)\n`);
}
await postgres.stop();
process.exit(failures === 0 ? 0 : 1);
