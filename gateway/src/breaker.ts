import { withDeadline } from '@iotistic/chassis/deadline';
import type { Log } from '@iotistic/chassis/log';
import type { SubgraphRequest, SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import { AppError } from '@iotistic/contracts/errors';
import { Deadlines } from './deadlines.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { LinkContext, SubgraphLink } from './subgraph-link.ts';

/** Closed lets everything pass; open nothing; half-open one request at a time, to see how it goes. */
export type BreakerState = 'closed' | 'half_open' | 'open';

export interface BreakerOptions {
  /** So many requests in a row that got no answer open it: one that is answered in between shows that the subgraph is there. */
  failures?: number;
  /** How long it stays open before the subgraph is looked at again; and after which another request is tried. */
  retryAfterMs?: number;
  /** How long an event of a live operation waits for what is joined to it. */
  joinWithinMs?: number;
}

const FAILURES = 5;
const RETRY_AFTER_MS = 1_000;
const JOIN_WITHIN_MS = 3_000;
const LOOK_WITHIN_MS = 2_000;

/**
 * A link that fails at once while its subgraph does not answer, instead of making each request wait for the same silence. It is
 * opened by failures in a row, and closed by the first answer: the subgraph is asked whether it is ready, then requests try it
 * one by one. Live operations have a shorter patience than queries: an event goes on without the field.
 */
export function withBreaker(link: SubgraphLink, parts: { metrics: Pick<GatewayMetrics, 'breaker'>; log: Log }, options: BreakerOptions = {}): SubgraphLink {
  const breaker = new Breaker(link, parts, options);
  const joinDeadlines = new Deadlines(options.joinWithinMs ?? JOIN_WITHIN_MS);
  return {
    ...link,
    execute: (request: SubgraphRequest, context: LinkContext) => breaker.attempt(() => (context.isJoin === true ? joinDeadlines.within(link.execute(request, context)) : link.execute(request, context))),
    close() {
      breaker.close();
      return link.close();
    },
  };
}

class Breaker {
  readonly #link: SubgraphLink;
  readonly #parts: { metrics: Pick<GatewayMetrics, 'breaker'>; log: Log };
  readonly #maxFailures: number;
  readonly #retryAfterMs: number;
  #state: BreakerState = 'closed';
  #failures = 0;
  #triedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(link: SubgraphLink, parts: { metrics: Pick<GatewayMetrics, 'breaker'>; log: Log }, options: BreakerOptions) {
    this.#link = link;
    this.#parts = parts;
    this.#maxFailures = options.failures ?? FAILURES;
    this.#retryAfterMs = options.retryAfterMs ?? RETRY_AFTER_MS;
    parts.metrics.breaker(link.name, 'closed');
  }

  /** @throws AppError SUBGRAPH_UNAVAILABLE at once while it is open; else what the attempt throws. */
  async attempt(ask: () => Promise<SubgraphResponse>): Promise<SubgraphResponse> {
    if (!this.#admits()) throw new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE', undefined, { cause: new Error('not asked: it did not answer before') });
    try {
      const response = await ask();
      this.#succeed();
      return response;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  close(): void {
    this.#isClosing = true;
    clearTimeout(this.#timer);
  }

  #admits(): boolean {
    if (this.#state === 'closed') return true;
    if (this.#state === 'open') return false;
    // One that is not answered must not keep all others out for as long as it waits.
    const nowMs = performance.now();
    if (nowMs - this.#triedAtMs < this.#retryAfterMs) return false;
    this.#triedAtMs = nowMs;
    return true;
  }

  #succeed(): void {
    this.#failures = 0;
    if (this.#state === 'closed') return;
    clearTimeout(this.#timer);
    this.#become('closed');
    this.#parts.log.info({ subgraph: this.#link.name }, 'the subgraph answers again');
  }

  #fail(error: unknown): void {
    if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE') return;
    this.#failures += 1;
    if (this.#state === 'open' || (this.#state === 'closed' && this.#failures < this.#maxFailures)) return;
    if (this.#state === 'closed') this.#parts.log.warn({ subgraph: this.#link.name, failures: this.#failures }, 'the subgraph does not answer: it is left alone until it does');
    this.#become('open');
    this.#lookLater();
  }

  #lookLater(): void {
    clearTimeout(this.#timer);
    if (!this.#isClosing) this.#timer = setTimeout(() => void this.#look(), this.#retryAfterMs).unref();
  }

  async #look(): Promise<void> {
    const isReady = await withDeadline(this.#link.ready(), LOOK_WITHIN_MS, 'no answer in time').catch(() => false);
    if (this.#state !== 'open' || this.#isClosing) return;
    if (!isReady) return this.#lookLater();
    this.#triedAtMs = Number.NEGATIVE_INFINITY;
    this.#become('half_open');
  }

  #become(state: BreakerState): void {
    this.#state = state;
    this.#parts.metrics.breaker(this.#link.name, state);
  }
}
