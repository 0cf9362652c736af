import { vi } from 'vitest';

/** A machine that is busy with the other suites is no failure; what never comes fails well within a test's own time. */
const PATIENCE_MS = 30_000;
const INTERVAL_MS = 20;

export interface Patience {
  /** Milliseconds; more for what takes longer by its nature. */
  timeout?: number;
  /** Milliseconds; longer where each look costs something. */
  interval?: number;
}

/** Looks again and again until the condition throws no more. @throws what it threw last, when patience is at its end. */
export function waitFor<T>(condition: () => T | Promise<T>, { timeout = PATIENCE_MS, interval = INTERVAL_MS }: Patience = {}): Promise<T> {
  return vi.waitFor(condition, { timeout, interval });
}
