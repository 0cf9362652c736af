import type { Tx } from '@iotistic/chassis/database';
import type { UsageApp } from '../app.ts';
import { createPartition, listPartitionMonths, monthOf } from '../repository/partitions.ts';
import type { UsageTables } from '../repository/tables.ts';

export interface Partitions {
  /** Makes the months of these times (milliseconds) where they are missing. Costs nothing for months that are known. */
  ensure(times: Iterable<number>): Promise<void>;
  /** Makes them as part of a transaction, before it locks anything else: until it ends they stay, whatever retention takes. */
  hold(tx: Tx<UsageTables>, times: Iterable<number>): Promise<void>;
  /** Some month was dropped behind our back: what is known is looked up again. */
  forget(): void;
  close(): void;
}

const DAY_MS = 86_400_000;
/** From last month, whose reports still come, to two months ahead. */
const KEPT_READY_DAYS = [-31, 0, 31, 62];

/** Keeps the reports' months ready ahead of time; a month that is asked for and missing is made at once. */
export async function openPartitions(app: Pick<UsageApp, 'db' | 'clock' | 'log'>): Promise<Partitions> {
  const known = new Set(await listPartitionMonths(app.db));

  async function make(tx: Tx<UsageTables>, month: string): Promise<void> {
    if (await createPartition(tx, month)) app.log.info({ month }, 'a partition for usage reports was made');
  }

  async function ensure(times: Iterable<number>): Promise<void> {
    const missing = new Set([...times].map(monthOf).filter((month) => !known.has(month)));
    for (const month of missing) {
      await app.db.transaction().execute((tx) => make(tx, month));
      known.add(month);
    }
  }

  async function hold(tx: Tx<UsageTables>, times: Iterable<number>): Promise<void> {
    for (const month of new Set([...times].map(monthOf))) await make(tx, month);
  }

  const ensureAhead = (): Promise<void> => {
    const nowMs = app.clock.now().getTime();
    return ensure(KEPT_READY_DAYS.map((days) => nowMs + days * DAY_MS));
  };
  await ensureAhead();
  const timer = setInterval(() => {
    ensureAhead().catch((err: unknown) => app.log.warn({ err }, 'the partitions of the months ahead are not made yet'));
  }, DAY_MS);
  timer.unref();
  return { ensure, hold, forget: () => known.clear(), close: () => clearInterval(timer) };
}
