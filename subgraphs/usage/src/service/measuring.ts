import type { UsageApp } from '../app.ts';
import { measureUsage } from './measure-usage.ts';

/** Measures soon after usage changed, and now and then should that news be lost. */
export interface Measuring {
  /** Something changed. At once where nothing was measured just now: somebody may be watching. */
  wake(): void;
  close(): Promise<void>;
}

/** Under load many commits share a measurement. */
const PAUSE_MS = 250;
const POLL_MS = 2_000;

export function openMeasuring(app: Pick<UsageApp, 'db' | 'clock' | 'log'>): Measuring {
  let running: Promise<void> | null = null;
  let isWanted = false;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function measureAll(): Promise<void> {
    try {
      while (!isClosed && (await measureUsage(app)) > 0);
    } catch (err) {
      if (!isClosed) app.log.warn({ err }, 'usage waits to be measured');
    }
  }

  function wake(): void {
    isWanted = true;
    if (running !== null || timer !== undefined || isClosed) return;
    isWanted = false;
    running = measureAll().finally(() => {
      running = null;
      if (isClosed) return;
      timer = setTimeout(() => {
        timer = undefined;
        if (isWanted) wake();
      }, PAUSE_MS);
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
