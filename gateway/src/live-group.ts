import { setImmediate as breath, setTimeout as delay } from 'node:timers/promises';
import type { Log } from '@iotistic/chassis/log';
import { withRequestId } from '@iotistic/chassis/log';
import type { SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import { toAppError } from '@iotistic/chassis/public-error';
import { newId } from '@iotistic/contracts/ids';
import { formatError, type PublicResult, toPublicResult } from './format-error.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { LivePlan } from './live-plan.ts';
import type { LiveScope } from './live-scope.ts';
import type { SubgraphLink } from './subgraph-link.ts';

/** A client's end of a live operation. Neither call may wait: who does not keep up is dropped by its own door. */
export interface LiveSink {
  /** @param json A GraphQL result, serialised once for all who share it. */
  next(json: string): void;
  complete(): void;
}

export interface LiveGroupParts {
  plan: LivePlan;
  variables: Record<string, unknown>;
  scope: LiveScope;
  link: SubgraphLink;
  metrics: GatewayMetrics;
  log: Log;
  /** The group has no clients or no source any more. */
  onEnd(): void;
}

/** Events that are being joined at once; they still leave in their order. */
const MAX_JOINS_AT_ONCE = 16;
/** A loop over many clients lets others have a turn. */
const SINKS_PER_BREATH = 500;
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 5_000;
/** How long the first clients wait for a subgraph that does not answer; those who were fed once wait as long as they like. */
const FIRST_CONTACT_MS = 5_000;

/** All clients of one gateway that asked the same in the same role: one source, one join and one text per event. */
export class LiveGroup {
  readonly #parts: LiveGroupParts;
  readonly #requestId = newId('req');
  readonly #sinks = new Set<LiveSink>();
  readonly #ending = new AbortController();
  readonly #joining: Promise<void>[] = [];
  #source: AsyncIterator<SubgraphResponse> | null = null;
  #tail: Promise<void> = Promise.resolve();
  #wasFed = false;
  #hasGap = false;

  constructor(parts: LiveGroupParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.metrics.liveGroups.inc();
    void withRequestId(this.#requestId, () => this.#run());
  }

  add(sink: LiveSink): void {
    this.#sinks.add(sink);
    this.#parts.metrics.liveSubscriptions.inc();
  }

  /** The last client to leave closes the source. */
  remove(sink: LiveSink): void {
    if (!this.#sinks.delete(sink)) return;
    this.#parts.metrics.liveSubscriptions.dec();
    if (this.#sinks.size === 0) this.end();
  }

  end(): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    this.#parts.metrics.liveGroups.dec();
    this.#parts.onEnd();
    void this.#source?.return?.().catch((err: unknown) => this.#parts.log.debug({ err }, 'a live source did not end'));
    for (const sink of [...this.#sinks]) {
      this.remove(sink);
      sink.complete();
    }
  }

  async #run(): Promise<void> {
    const startedAtMs = performance.now();
    let waitMs = RETRY_MIN_MS;
    while (!this.#ending.signal.aborted) {
      const fedBefore = this.#wasFed;
      this.#wasFed = false;
      if ((await this.#feed(fedBefore || performance.now() - startedAtMs < FIRST_CONTACT_MS)) === 'ended') break;
      waitMs = this.#wasFed ? RETRY_MIN_MS : Math.min(waitMs * 2, RETRY_MAX_MS);
      this.#wasFed ||= fedBefore;
      await delay(waitMs, undefined, { signal: this.#ending.signal, ref: false }).catch(() => {});
    }
    await this.#tail;
    this.end();
  }

  /** Reads the source until it ends or is lost. */
  async #feed(mayRetry: boolean): Promise<'ended' | 'lost'> {
    const { plan, variables, scope, link, metrics, log } = this.#parts;
    try {
      const source = await link.subscribe(plan.upstreamRequest(variables), { caller: scope.caller, requestId: this.#requestId });
      if (!(Symbol.asyncIterator in source)) {
        this.#emit(source);
        return 'ended';
      }
      if (this.#ending.signal.aborted) {
        await source.return?.();
        return 'ended';
      }
      this.#source = source;
      this.#wasFed = true;
      if (this.#hasGap) metrics.liveGaps.inc();
      for (;;) {
        const { value, done } = await source.next();
        if (done === true) return 'ended';
        await this.#emit(value);
      }
    } catch (error) {
      if (this.#ending.signal.aborted) return 'ended';
      const { code, reason } = toAppError(error);
      if (code === 'UNAVAILABLE' && mayRetry) {
        log.warn({ subgraph: link.name, reason }, 'a live source was lost; it is taken up again');
        this.#hasGap = true;
        return 'lost';
      }
      this.#enqueue(Promise.resolve(JSON.stringify({ errors: [formatError(error, this.#requestId, log)] })));
      return 'ended';
    }
  }

  /** Starts to join an event. Waits only when too many are under way. */
  async #emit(event: SubgraphResponse): Promise<void> {
    this.#parts.metrics.liveEvents.inc();
    this.#joining.push(this.#enqueue(this.#render(event)));
    if (this.#joining.length >= MAX_JOINS_AT_ONCE) await this.#joining.shift();
  }

  #enqueue(json: Promise<string>): Promise<void> {
    this.#tail = Promise.all([json, this.#tail]).then(([text]) => this.#broadcast(text));
    return this.#tail;
  }

  async #render(event: SubgraphResponse): Promise<string> {
    const { plan, variables, scope, log } = this.#parts;
    let result: PublicResult;
    try {
      const hasData = event.data !== undefined && event.data !== null;
      result = toPublicResult(hasData ? await plan.join(event, variables, { caller: scope.caller, requestId: this.#requestId }) : { errors: event.errors ?? [] }, this.#requestId, log);
    } catch (error) {
      result = { errors: [formatError(error, this.#requestId, log)] };
    }
    if (this.#hasGap && result.data !== undefined) {
      this.#hasGap = false;
      // Events of the time without a source are not repeated: who must know them asks for them.
      result.extensions = { gap: true };
    }
    return JSON.stringify(result);
  }

  async #broadcast(json: string): Promise<void> {
    let sent = 0;
    for (const sink of [...this.#sinks]) {
      if (!this.#sinks.has(sink)) continue;
      sink.next(json);
      sent += 1;
      if (sent % SINKS_PER_BREATH === 0) await breath();
    }
    this.#parts.metrics.liveMessages.inc(sent);
  }
}
