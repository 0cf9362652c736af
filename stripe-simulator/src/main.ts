/** A simulated Stripe of its own: `PORT` (12111), `DATA_DIR` (none: kept in memory). */
import { join } from 'node:path';
import { startStripeSimulator } from './app.ts';
import { standaloneClock } from './standalone-clock.ts';

const dataDir = process.env['DATA_DIR'] ?? null;
const print = (entry: Record<string, unknown>): boolean => process.stdout.write(`${JSON.stringify(entry, (_, value: unknown) => (value instanceof Error ? (value.stack ?? value.message) : value))}\n`);

const simulator = await startStripeSimulator({
  port: Number(process.env['PORT'] ?? 12_111),
  dataDir,
  clock: standaloneClock(dataDir === null ? null : join(dataDir, 'clock.json')),
  log: (message, fields) => print({ message, ...fields }),
});
print({ message: 'simulated Stripe: no money moves', url: simulator.url, dataDir });

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close());
