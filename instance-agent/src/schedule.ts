import { ExponentialBackoff, fullJitterGenerator, type IBackoff } from 'cockatiel';
import { ControlPlaneError } from './control-plane.ts';
import type { Log } from './log.ts';

const FIRST_DELAY_MS = 1000;
const TEND_EVERY_MS = 60_000;
const SOON_WITHIN_MS = 2_000;

interface ScheduleParts {
  intervalMs: number;
  log: Log;
  /** Makes a report and spools it. */
  collect: () => Promise<void>;
  /** Brings the spool to the control plane; throws where it does not come through. */
  exchange: () => Promise<void>;
  /** Small things that are due every minute. */
  tend: () => Promise<void>;
}

/**
 * When things happen. Collections keep their interval whatever the control plane does; each is followed by an exchange, and
 * a failed exchange is tried again after a random part of an exponentially growing delay (so that a thousand agents do not
 * come back together), after the time the control plane asked for, and no later than the next interval.
 */
export class Schedule {
  private readonly backoff: ExponentialBackoff<number>;
  private attempt: IBackoff<unknown> | null = null;
  private collectTimer: NodeJS.Timeout | null = null;
  private retryTimer: NodeJS.Timeout | null = null;
  private tendTimer: NodeJS.Timeout | null = null;
  private soonTimer: NodeJS.Timeout | null = null;
  private stopped = false;
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly parts: ScheduleParts) {
    this.backoff = new ExponentialBackoff({ generator: fullJitterGenerator, initialDelay: FIRST_DELAY_MS, maxDelay: parts.intervalMs });
  }

  /** The first exchange comes before the first collection: it brings the control plane's time, by which intervals are told. */
  start(): void {
    this.collectTimer = setInterval(() => this.follow(this.round()), this.parts.intervalMs);
    this.tendTimer = setInterval(() => this.follow(this.guard(this.parts.tend)), TEND_EVERY_MS);
    this.follow(this.tryExchange().then(() => this.round()));
  }

  stop(): void {
    this.stopped = true;
    for (const timer of [this.collectTimer, this.tendTimer]) if (timer !== null) clearInterval(timer);
    for (const timer of [this.retryTimer, this.soonTimer]) if (timer !== null) clearTimeout(timer);
  }

  /** An exchange out of turn: something changed. After a random moment, since all who are concerned hear of it together. */
  soon(): void {
    if (this.stopped || this.soonTimer !== null) return;
    this.soonTimer = setTimeout(() => {
      this.soonTimer = null;
      this.follow(this.tryExchange());
    }, Math.random() * SOON_WITHIN_MS);
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private follow(work: Promise<void>): void {
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }

  private async round(): Promise<void> {
    if (this.stopped) return;
    await this.guard(this.parts.collect);
    await this.tryExchange();
  }

  private async tryExchange(): Promise<void> {
    if (this.stopped) return;
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    this.retryTimer = null;
    try {
      await this.parts.exchange();
      this.attempt = null;
    } catch (error) {
      if (!this.stopped) this.retryLater(error);
    }
  }

  private retryLater(error: unknown): void {
    this.attempt = this.attempt === null ? this.backoff.next() : this.attempt.next(undefined);
    const asked = error instanceof ControlPlaneError ? (error.details.retryAfterSeconds ?? 0) * 1000 : 0;
    const delayMs = Math.min(Math.max(this.attempt.duration, asked), this.parts.intervalMs);
    const details = error instanceof ControlPlaneError ? { kind: error.kind, code: error.details.code, reason: error.details.reason } : {};
    this.parts.log.warn({ err: error, ...details, retryInMs: delayMs }, 'The exchange with the control plane failed; it will be tried again');
    if (this.retryTimer !== null) clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.follow(this.tryExchange()), delayMs);
  }

  private async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.parts.log.error({ err: error }, 'A part of the round failed; the next one goes on');
    }
  }
}
