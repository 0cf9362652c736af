import type { UsageApp } from '../app.ts';
import { measureUsage } from './measure-usage.ts';

/** Measures soon after usage changed, and now and then should that news be lost. */
export interface Measuring {
  /** Something changed. At once where nothing was measured just now: somebody may be watching. */
  wake(): void;
  close(): Promise<void>;
}

/**
 * Under load many reports share a measurement: what billing is told costs some ten statements for each customer, however
 * little changed. Who reports by the hour never meets this.
 */
const MIN_PAUSE_MS = 1_000;
/** At most a hundred customers a second, so that a fleet that comes back at once leaves room for its reports. */
const PAUSE_MS_PER_CUSTOMER = 10;
/** Reading the hours of many who were away is work for the database: it is left alone nine times as long as that took. */
const PAUSE_PER_MEASURING = 9;
const POLL_MS = 2_000;

export function openMeasuring(app: Pick<UsageApp, 'db' | 'clock' | 'log'>): Measuring {
  let running: Promise<void> | null = null;
  let isWanted = false;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  /** @returns how long to leave it alone then. Milliseconds. */
  async function measureOnce(): Promise<number> {
    const started = performance.now();
    try {
      const { customers, hasMore } = await measureUsage(app);
      isWanted ||= hasMore;
      return Math.max(MIN_PAUSE_MS, customers * PAUSE_MS_PER_CUSTOMER, (performance.now() - started) * PAUSE_PER_MEASURING);
    } catch (err) {
      if (!isClosed) app.log.warn({ err }, 'usage waits to be measured');
      return MIN_PAUSE_MS;
    }
  }

  function wake(): void {
    isWanted = true;
    if (running !== null || timer !== undefined || isClosed) return;
    isWanted = false;
    running = measureOnce().then((pauseMs) => {
      running = null;
      if (isClosed) return;
      timer = setTimeout(() => {
        timer = undefined;
        if (isWanted) wake();
      }, pauseMs);
    });
  }

  const poll = setInterval(wake, POLL_MS);
  wake();
  return {
    wake,
    async close() {
      isClosed = true;
      clearInterval(poll);
      clearTimeout(timer);
      await running;
    },
  };
}
