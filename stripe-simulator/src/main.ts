/**
 * A simulated Stripe of its own: `PORT` (12111), `DATA_DIR` (none: kept in memory), `DELIVERY_RETRY_MS` (how long it waits before each
 * further attempt to deliver a webhook, in milliseconds, separated by commas; the last one is repeated).
 */
import { join } from 'node:path';
import { startStripeSimulator } from './app.ts';
import { standaloneClock } from './standalone-clock.ts';

const dataDir = process.env['DATA_DIR'] ?? null;
const print = (entry: Record<string, unknown>): boolean => process.stdout.write(`${JSON.stringify(entry, (_, value: unknown) => (value instanceof Error ? (value.stack ?? value.message) : value))}\n`);

const port = Number(process.env['PORT'] ?? 12_111);
/** What keeps it from starting, in a sentence; a fault of its own keeps its stack. */
function explain(error: unknown): never {
  const { code, message, stack } = error as NodeJS.ErrnoException;
  const words = code === 'EADDRINUSE' ? `PORT: ${port} is taken by another program` : code === 'ERR_SOCKET_BAD_PORT' ? 'PORT: is no port' : code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOSPC' || code === 'ENOTDIR' ? message : (stack ?? message);
  process.stderr.write(`${words}\n`);
  process.exit(1);
}
const deliveryRetryMs = (process.env['DELIVERY_RETRY_MS'] ?? '').split(',').filter((text) => text.trim() !== '').map(Number);
if (!deliveryRetryMs.every((ms) => Number.isSafeInteger(ms) && ms > 0)) {
  process.stderr.write('DELIVERY_RETRY_MS: takes milliseconds, separated by commas\n');
  process.exit(1);
}
const simulator = await startStripeSimulator({
  port,
  dataDir,
  deliveryRetryMs,
  clock: standaloneClock(dataDir === null ? null : join(dataDir, 'clock.json')),
  log: (message, fields) => print({ message, ...fields }),
}).catch(explain);
print({ message: 'simulated Stripe: no money moves', url: simulator.url, dataDir });

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close());
