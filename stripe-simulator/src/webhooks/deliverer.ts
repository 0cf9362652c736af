import { type DeliveryRecord, DELIVERIES } from '../events/event-records.ts';
import type { OpenSimulation } from '../open-simulation.ts';
import { deliveryBody } from './delivery-body.ts';
import { type EndpointRecord, findEndpoint } from './endpoint-records.ts';
import { signatureHeader } from './sign.ts';

/** How badly webhooks are delivered: probabilities from 0 to 1. */
export interface Chaos {
  duplicate: number;
  drop: number;
  shuffle: number;
}

const TIMEOUT_MS = 10_000;
const CONCURRENCY = 16;
/** Longest that a shuffled delivery is held back. */
const HELD_MS = 40;
const GIVE_UP_MS = 3 * 24 * 3_600_000;
export const DEFAULT_RETRY_MS: readonly number[] = [1_000, 5_000, 30_000, 300_000, 3_600_000];

/**
 * Posts events to endpoints. What is to be delivered is in the store, so that a new start goes on; here is only what is
 * under way. A failed attempt is repeated after real time, or when the account's time has been moved past it, until
 * the event is three of the account's days old.
 */
export class Deliverer {
  chaos: Chaos = { duplicate: 0, drop: 0, shuffle: 0 };
  readonly #simulation: OpenSimulation;
  readonly #retryMs: readonly number[];
  readonly #log: (message: string, fields: Record<string, unknown>) => void;
  readonly #queue: string[] = [];
  readonly #underWay = new Set<string>();
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #held = new Set<NodeJS.Timeout>();
  readonly #stop = new AbortController();
  #running = 0;
  #quiet: (() => void)[] = [];

  constructor(simulation: OpenSimulation, retryMs: readonly number[], log: (message: string, fields: Record<string, unknown>) => void) {
    this.#simulation = simulation;
    this.#log = log;
    this.#retryMs = retryMs.length === 0 ? DEFAULT_RETRY_MS : retryMs;
  }

  /** Goes on with what an earlier start has left. */
  resume(): void {
    this.add(this.#simulation.store.by<DeliveryRecord>(DELIVERIES, 'state', 'pending').map(({ id }) => id));
  }

  add(ids: readonly string[]): void {
    for (const id of ids) {
      if (Math.random() < this.chaos.shuffle) this.#hold(id);
      else this.#enqueue(id);
    }
  }

  /** Tries again what the account's time has come for. */
  retryDue(): void {
    const nowMs = this.#simulation.nowMs();
    for (const [id, timer] of this.#waiting) {
      const record = this.#simulation.store.get<DeliveryRecord>(DELIVERIES, id);
      if (record !== undefined && record.nextMs > nowMs) continue;
      clearTimeout(timer);
      this.#waiting.delete(id);
      this.#enqueue(id);
    }
  }

  /** Posts an event once more to every endpoint that takes it now, delivered or not. */
  replay(event: string, endpoints: readonly EndpointRecord[], thin: boolean): void {
    for (const endpoint of endpoints) this.#start(this.#post({ event, thin }, endpoint).then(() => undefined));
  }

  /** Resolves when no delivery is under way or about to be; those that wait for another attempt are not waited for. */
  idle(): Promise<void> {
    return this.#isQuiet() ? Promise.resolve() : new Promise((resolve) => this.#quiet.push(resolve));
  }

  forget(): void {
    for (const timer of [...this.#waiting.values(), ...this.#held]) clearTimeout(timer);
    this.#waiting.clear();
    this.#held.clear();
    this.#queue.length = 0;
    this.#tellQuiet();
  }

  /** What is under way is broken off: it is pending still, and the next start repeats it. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.forget();
    await this.idle();
  }

  #hold(id: string): void {
    const timer = setTimeout(() => {
      this.#held.delete(timer);
      this.#enqueue(id);
    }, Math.random() * HELD_MS);
    this.#held.add(timer);
  }

  #enqueue(id: string): void {
    if (this.#stop.signal.aborted) return;
    this.#queue.push(id);
    this.#drain();
  }

  #drain(): void {
    while (this.#running < CONCURRENCY) {
      const id = this.#queue.shift();
      if (id === undefined) break;
      if (this.#underWay.has(id)) continue;
      this.#underWay.add(id);
      this.#start(this.#attempt(id).finally(() => this.#underWay.delete(id)));
    }
    this.#tellQuiet();
  }

  #start(work: Promise<void>): void {
    this.#running += 1;
    void work
      .catch((error: unknown) => this.#log('a webhook could not be delivered', { error }))
      .finally(() => {
        this.#running -= 1;
        this.#drain();
      });
  }

  async #attempt(id: string): Promise<void> {
    // Not before the answer to the request that caused it has begun to leave.
    await new Promise((resolve) => setImmediate(resolve));
    const { store } = this.#simulation;
    const record = store.get<DeliveryRecord>(DELIVERIES, id);
    if (record?.state !== 'pending') return;
    const endpoint = findEndpoint(store, record.endpoint);
    if (endpoint === undefined || endpoint.status !== 'enabled') return this.#write(() => store.remove(DELIVERIES, id));
    if (record.attempts === 0 && Math.random() < this.chaos.drop) return this.#write(() => store.put<DeliveryRecord>(DELIVERIES, { ...record, state: 'dropped' }));
    if (Math.random() < this.chaos.duplicate) this.#start(this.#post(record, endpoint).then(() => undefined));
    const isDelivered = await this.#post(record, endpoint);
    const current = store.get<DeliveryRecord>(DELIVERIES, id);
    if (this.#stop.signal.aborted || current === undefined) return;
    if (isDelivered) this.#write(() => store.remove(DELIVERIES, id));
    else this.#failed(current);
  }

  #failed(record: DeliveryRecord): void {
    const { store } = this.#simulation;
    const nowMs = this.#simulation.nowMs();
    const delayMs = this.#retryMs[Math.min(record.attempts, this.#retryMs.length - 1)] ?? 0;
    const isOver = nowMs - record.createdMs > GIVE_UP_MS;
    this.#write(() => store.put<DeliveryRecord>(DELIVERIES, { ...record, attempts: record.attempts + 1, nextMs: nowMs + delayMs, state: isOver ? 'failed' : 'pending' }));
    if (isOver) return;
    const timer = setTimeout(() => {
      this.#waiting.delete(record.id);
      this.#enqueue(record.id);
    }, delayMs);
    this.#waiting.set(record.id, timer.unref());
  }

  /** Whether the endpoint took it: any 2xx within ten seconds. A redirection is none. */
  async #post(delivery: Pick<DeliveryRecord, 'event' | 'thin'>, endpoint: EndpointRecord): Promise<boolean> {
    const body = deliveryBody(this.#simulation.store, delivery as DeliveryRecord);
    if (body === null) return true;
    const nowMs = this.#simulation.nowMs();
    const { url, secret, rolled } = endpoint.internal;
    const secrets = rolled !== null && rolled.untilMs > nowMs ? [secret, rolled.secret] : [secret];
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)', 'stripe-signature': signatureHeader(body, secrets, Math.floor(nowMs / 1000)) },
        body,
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  #write(change: () => unknown): void {
    this.#simulation.transaction(null, change);
  }

  #isQuiet(): boolean {
    return this.#running === 0 && this.#queue.length === 0 && this.#held.size === 0;
  }

  #tellQuiet(): void {
    if (!this.#isQuiet()) return;
    const waiting = this.#quiet;
    this.#quiet = [];
    for (const resolve of waiting) resolve();
  }
}
