import { setImmediate as breath, setTimeout as delay } from 'node:timers/promises';
import type { Log } from '@iotistic/chassis/log';
import type { SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import { toAppError } from '@iotistic/chassis/public-error';
import { inSpan, withTraceparent } from '@iotistic/chassis/tracing';
import { AppError } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import { formatError, type PublicResult, toPublicResult } from './format-error.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { LivePlan } from './planner.ts';
import type { LiveScope } from './live-scope.ts';
import type { SubgraphLink } from './subgraph-link.ts';

/** A client's end of a live operation. Neither call may wait: who does not keep up is dropped by its own door. */
export interface LiveSink {
  /** @param json A GraphQL result, serialised once for all who share it. */
  next(json: string): void;
  /** @param refusal The result with the errors that it ended by, serialised; without, the source has said all it had. */
  complete(refusal?: string): void;
  /** How much of what it was given is not on its way yet. */
  waitingBytes?: () => number;
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
/** So much sent to each client, and the sockets get a turn to write it out: a burst alone must not look like a client that does not read. */
const CHARACTERS_PER_BREATH = 32_768;
/** A client that has so much to read yet is waited for, but never long: one that reads nothing is soon beyond what its door lets wait. */
const MAX_UNREAD_BYTES = 256 * 1024;
const LOOK_AGAIN_AFTER_MS = 10;
const MAX_LOOKS = 5;
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 5_000;
/** More, and of a longer time, than a source repeats. */
const MAX_PASSED = 50_000;
const REPEATED_WITHIN_MS = 300_000;
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
  /** What is known of where the source stands; null of one that does not say. */
  #position: string | null = null;
  /** What was passed on last: a source that is taken up again may repeat some of it. */
  readonly #passed = new Map<string, number>();
  #gap: { missed: number | null } | null = null;
  /** The source was taken up again, and has yet to say that it knows from where. */
  #isResuming = false;
  #refusal: string | undefined;
  #retryMs = RETRY_MIN_MS;
  #sinceBreath = 0;

  constructor(parts: LiveGroupParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.metrics.liveGroups.inc();
    // It serves many, for as long as they stay: it belongs to the trace of none.
    void withTraceparent(null, () => this.#run());
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
    for (const sink of this.#sinks) {
      this.remove(sink);
      sink.complete(this.#refusal);
    }
  }

  async #run(): Promise<void> {
    const startedAtMs = performance.now();
    while ((await this.#feed(startedAtMs)) === 'lost') {
      await delay(this.#retryMs, undefined, { signal: this.#ending.signal, ref: false }).catch(() => {});
      this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
    }
    await this.#tail;
    this.end();
  }

  /** Reads the source until it ends or is lost. */
  async #feed(startedAtMs: number): Promise<'ended' | 'lost'> {
    const { link, log } = this.#parts;
    try {
      await this.#read();
      return 'ended';
    } catch (error) {
      void this.#source?.return?.().catch(() => {});
      if (this.#ending.signal.aborted) return 'ended';
      const { code, reason } = toAppError(error);
      if (code === 'UNAVAILABLE' && (this.#wasFed || performance.now() - startedAtMs < FIRST_CONTACT_MS)) {
        log.warn({ subgraph: link.name, reason, requestId: this.#requestId }, 'a live source was lost; it is taken up again');
        return 'lost';
      }
      this.#refusal = JSON.stringify({ errors: [formatError(error, this.#requestId, log)] });
      return 'ended';
    }
  }

  async #read(): Promise<void> {
    const { plan, variables, scope, link, metrics } = this.#parts;
    if (this.#ending.signal.aborted) return;
    const source = await link.subscribe(plan.upstreamRequest(variables), { caller: scope.caller, requestId: this.#requestId, live: { after: this.#position } });
    if (!(Symbol.asyncIterator in source)) {
      throwIfUnavailable(source);
      this.#refusal = await this.#render(source, null);
      return;
    }
    this.#source = source;
    if (this.#ending.signal.aborted) {
      await source.return?.();
      return;
    }
    if (this.#wasFed) metrics.liveGaps.inc();
    this.#isResuming = this.#wasFed;
    this.#wasFed = true;
    this.#retryMs = RETRY_MIN_MS;
    for (let event = await source.next(); event.done !== true; event = await source.next()) {
      throwIfUnavailable(event.value);
      if (!this.#isNew(event.value)) continue;
      // No event is without data: the subgraph, behind a link, refused.
      if (event.value.data === undefined) {
        this.#refusal = await this.#render(event.value, null);
        return;
      }
      await this.#emit(event.value);
    }
  }

  /** Keeps where the source stands. @returns false for what is no event, or was passed on before the source was lost. */
  #isNew({ data, errors, extensions }: SubgraphResponse): boolean {
    const mark = extensions?.live;
    // A source that cannot be taken up again, or does not know from where: what happened meanwhile is not to be had.
    if (this.#isResuming && (mark === undefined || this.#position === null)) this.#miss(null);
    this.#isResuming = false;
    if (mark === undefined) return true;
    this.#position = mark.position;
    if (mark.missed !== undefined) this.#miss(mark.missed);
    if (data === undefined && errors === undefined) return false;
    if (mark.isReplay === true && this.#passed.has(mark.position)) return false;
    const nowMs = performance.now();
    this.#passed.set(mark.position, nowMs);
    if (mark.isReplay !== true) this.#forgetPassed(nowMs);
    return true;
  }

  /** What was passed on so long before is not repeated when a source is lost now. */
  #forgetPassed(nowMs: number): void {
    for (const [position, passedMs] of this.#passed) {
      if (this.#passed.size <= MAX_PASSED && nowMs - passedMs < REPEATED_WITHIN_MS) return;
      this.#passed.delete(position);
    }
  }

  /** @param count null where it is not known. */
  #miss(count: number | null): void {
    const before = this.#gap?.missed;
    this.#gap = { missed: count === null || before === null ? null : count + (before ?? 0) };
    if (count !== null) this.#parts.metrics.liveMissed.inc(count);
  }

  /** What the next event has to say of those before it. */
  #takeGap(): { missed: number | null } | null {
    const gap = this.#gap;
    this.#gap = null;
    return gap;
  }

  /** Starts to join an event. Waits only when too many are under way. */
  async #emit(event: SubgraphResponse): Promise<void> {
    this.#parts.metrics.liveEvents.inc();
    const receivedAtMs = performance.now();
    const gap = this.#takeGap();
    const rendered = inSpan('gateway', 'live event', () => this.#render(event, gap));
    this.#joining.push(this.#enqueue(rendered).then(() => this.#parts.metrics.liveDelivered(receivedAtMs)));
    if (this.#joining.length >= MAX_JOINS_AT_ONCE) await this.#joining.shift();
  }

  #enqueue(json: Promise<string>): Promise<void> {
    this.#tail = Promise.all([json, this.#tail]).then(([text]) => this.#broadcast(text));
    return this.#tail;
  }

  async #render({ data, errors }: SubgraphResponse, gap: { missed: number | null } | null): Promise<string> {
    const { plan, variables, scope, log } = this.#parts;
    let result: PublicResult;
    try {
      const event = { ...(data === undefined ? {} : { data }), ...(errors === undefined ? {} : { errors }) };
      const context = { caller: scope.caller, requestId: this.#requestId, isJoin: true } as const;
      result = toPublicResult(await plan.join(event, variables, context), this.#requestId, log);
    } catch (error) {
      result = { errors: [formatError(error, this.#requestId, log)] };
    }
    // Events that were missed are not repeated: who must know them asks for them.
    if (gap !== null) result.extensions = { gap };
    return JSON.stringify(result);
  }

  async #broadcast(json: string): Promise<void> {
    let sent = 0;
    for (const sink of this.#sinks) {
      sink.next(json);
      sent += 1;
      if (sent % SINKS_PER_BREATH === 0) await breath();
    }
    this.#parts.metrics.liveMessages.inc(sent);
    this.#sinceBreath += json.length;
    if (this.#sinceBreath < CHARACTERS_PER_BREATH) return;
    this.#sinceBreath = 0;
    await breath();
    await this.#letRead();
  }

  /** After a burst, clients that read are given the time to. */
  async #letRead(): Promise<void> {
    for (let look = 0; look < MAX_LOOKS && this.#hasSlowSink(); look += 1) await delay(LOOK_AGAIN_AFTER_MS, undefined, { ref: false });
  }

  #hasSlowSink(): boolean {
    for (const { waitingBytes } of this.#sinks) if (waitingBytes !== undefined && waitingBytes() > MAX_UNREAD_BYTES) return true;
    return false;
  }
}

/** A subgraph that is there but cannot answer yet, such as one whose database is away: it is asked again like one that is gone. */
function throwIfUnavailable(event: SubgraphResponse): void {
  const extensions = event.data === undefined || event.data === null ? event.errors?.[0]?.extensions : undefined;
  if (extensions?.['code'] === 'UNAVAILABLE') throw new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE', undefined, { cause: extensions['reason'] });
}
