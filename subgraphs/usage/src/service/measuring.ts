import { isTracing, withTraceparent } from '@iotistic/chassis/tracing';
import type { UsageApp } from '../app.ts';
import { MAX_TAKEN, measureUsage, putBackUnmeasurable } from './measure-usage.ts';

export interface Cause {
  customerId: string;
  traceparent: string | null;
}

/** Measures soon after usage changed, and now and then should that news be lost. */
export interface Measuring {
  /** Something changed. At once where nothing was measured just now: somebody may be watching. */
  wake(): void;
  /** Calls are about to change usage: what is told of it will be part of their traces. Said before they commit, since another may measure at once. */
  expect(calls: readonly Cause[]): void;
  close(): Promise<void>;
}

/**
 * Under load many reports share a measurement: what billing is told costs some ten statements for each customer, however
 * little changed. Who reports by the hour never meets this.
 */
const MIN_PAUSE_MS = 1_000;
/** Ten customers a second while they are few, and a hundred when a fleet comes back at once: reports have the rest of the room. */
const PAUSE_MS_PER_CUSTOMER = 100;
const PAUSE_MS_PER_CUSTOMER_OF_A_FLEET = 10;
const MAX_PAUSE_OF_FEW_MS = 3_000;
/** Reading the hours of many who were away is work for the database: it is left alone nineteen times as long as that took. */
const PAUSE_PER_MEASURING = 19;
/** On a machine that has too much to do all takes long: nobody's usage waits for that, and that of a few no longer than billing waits before it ends a period. */
const MAX_PAUSE_AFTER_MEASURING_MS = 5_000;
const FEW_CUSTOMERS = 10;
const POLL_MS = 2_000;

/** Where another process measures what this one heard of, nobody takes them. */
const MAX_CAUSES = 10_000;

function remember(causes: Map<string, string>, calls: readonly Cause[]): void {
  if (causes.size > MAX_CAUSES) causes.clear();
  for (const { customerId, traceparent } of calls) if (traceparent !== null) causes.set(customerId, traceparent);
}

function pauseAfter(customers: number, tookMs: number): number {
  const forCustomers = Math.max(Math.min(customers * PAUSE_MS_PER_CUSTOMER, MAX_PAUSE_OF_FEW_MS), customers * PAUSE_MS_PER_CUSTOMER_OF_A_FLEET);
  return Math.max(MIN_PAUSE_MS, forCustomers, customers <= FEW_CUSTOMERS ? 0 : Math.min(tookMs * PAUSE_PER_MEASURING, MAX_PAUSE_AFTER_MEASURING_MS));
}

interface Pass {
  /** How long to leave it alone then. */
  pauseMs: number;
  isMore: boolean;
}

/** Measures what changed: fewer at once after a failure, down to what is done in time, or to the one customer that fails. That one goes behind all others. */
function createPass(app: Pick<UsageApp, 'db' | 'clock' | 'restores'>, causes: Map<string, string>, warn: (fields: object, message: string) => void): () => Promise<Pass> {
  let limit = MAX_TAKEN;
  return async () => {
    const started = performance.now();
    try {
      const { customers, hasMore } = await measureUsage(app, causes, limit);
      limit = Math.min(2 * limit, MAX_TAKEN);
      return { pauseMs: pauseAfter(customers, performance.now() - started), isMore: hasMore };
    } catch (err) {
      warn({ err, limit }, 'usage waits to be measured');
      const customerId = limit === 1 ? await putBackUnmeasurable(app).catch(() => null) : null;
      if (customerId !== null) warn({ customerId }, 'the usage of a customer cannot be measured: others go first');
      limit = Math.max(1, Math.floor(limit / 2));
      return { pauseMs: MIN_PAUSE_MS, isMore: true };
    }
  };
}

export function openMeasuring(app: Pick<UsageApp, 'db' | 'clock' | 'log' | 'restores'>): Measuring {
  const causes = new Map<string, string>();
  let running: Promise<void> | null = null;
  let isWanted = false;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const measureOnce = createPass(app, causes, (fields, message) => {
    if (!isClosed) app.log.warn(fields, message);
  });

  function begin(): void {
    isWanted = true;
    if (running !== null || timer !== undefined || isClosed) return;
    isWanted = false;
    running = measureOnce().then(({ pauseMs, isMore }) => {
      running = null;
      isWanted ||= isMore;
      if (isClosed) return;
      timer = setTimeout(() => {
        timer = undefined;
        if (isWanted) begin();
      }, pauseMs);
    });
  }

  /** What is measured is many customers': it is part of no caller's trace, but for what is said of that caller's usage. */
  function wake(): void {
    withTraceparent(null, begin);
  }

  const poll = setInterval(wake, POLL_MS);
  wake();
  return {
    wake,
    expect(calls) {
      if (isTracing()) remember(causes, calls);
    },
    async close() {
      isClosed = true;
      clearInterval(poll);
      clearTimeout(timer);
      await running;
    },
  };
}
