import { API_VERSION } from './api-version.ts';
import { DueQueue } from './due-queue.ts';
import { type DeliveryRecord, DELIVERIES, type EventRecord, type EventRequest, EVENTS, THIN_EVENTS, type ThinEventRecord } from './events/event-records.ts';
import { MemoryStore } from './memory-store.ts';
import { randomId } from './random-id.ts';
import { snapshot } from './render.ts';
import type { AccountSettings, Due, Seconds, Simulation } from './simulation.ts';
import type { StripeObject } from './store.ts';
import { StripeError } from './stripe-error.ts';
import { endpointsFor } from './webhooks/endpoint-records.ts';

/** Where the account's time comes from, and how `_sim/time` moves it. */
export interface SimulatorClock {
  now(): Date;
  advance(ms: number): void;
}

export const DEFAULT_SETTINGS: AccountSettings = { retryDays: [3, 5, 7], afterRetries: 'cancel', draftSeconds: 3_600, upcomingDays: 3 };

const NO_REQUEST: EventRequest = { id: null, idempotency_key: null };

interface SimulationOptions {
  dataDir: string | null;
  clock: SimulatorClock;
  settings?: Partial<AccountSettings>;
}

/** The simulation together with what only its own machinery uses. */
export class OpenSimulation implements Simulation {
  readonly store: MemoryStore;
  readonly queue: DueQueue;
  readonly settings: AccountSettings;
  readonly newId = randomId;
  origin = '';
  /** Is called after each commit, with the deliveries that it made. */
  onCommitted: (deliveries: string[]) => void = () => undefined;
  readonly #clock: SimulatorClock;
  #standing: Due | null = null;
  #request = NO_REQUEST;
  #deliveries: string[] = [];

  /** @throws Error when the data of the folder cannot be read. */
  constructor({ dataDir, clock, settings }: SimulationOptions) {
    this.store = new MemoryStore(dataDir);
    this.queue = new DueQueue(this.store);
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
    this.#clock = clock;
  }

  now(clock: string | null = null): Seconds {
    if (clock === null) return Math.floor(this.nowMs() / 1000);
    if (this.#standing?.clock === clock) return this.#standing.at;
    const record = this.store.get<StripeObject & { frozen_time: Seconds }>('test_helpers.test_clock', clock);
    if (record === undefined) throw new Error(`test clock ${clock} is gone`);
    return record.frozen_time;
  }

  /** The account's time in milliseconds. */
  nowMs(): number {
    return this.#standing?.clock === null ? this.#standing.at * 1000 : this.#clock.now().getTime();
  }

  /** All of `run` is made to last, or none of it; a refusal that keeps its writes lasts too. @throws whatever `run` throws. */
  transaction<T>(request: EventRequest | null, run: () => T): T {
    this.#request = request ?? NO_REQUEST;
    try {
      const answer = this.#runOrRollback(run);
      this.#commit();
      return answer;
    } finally {
      this.#request = NO_REQUEST;
      const made = this.#deliveries;
      this.#deliveries = [];
      this.onCommitted(made);
    }
  }

  /** As `transaction`, with the time of its clock standing at `due.at`. */
  transactionAt<T>(due: Due, run: () => T): T {
    this.#standing = due;
    try {
      return this.transaction(null, run);
    } finally {
      this.#standing = null;
    }
  }

  emit(type: string, object: StripeObject, previous?: Record<string, unknown>): void {
    const id = randomId('evt');
    const data = { object: snapshot(object), ...(previous === undefined ? {} : { previous_attributes: previous }) };
    this.store.put<EventRecord>(EVENTS, { id, object: 'event', api_version: API_VERSION, created: this.now(), data, livemode: false, request: this.#request, type });
    this.#addDeliveries(id, type, false);
  }

  emitThin(type: string, { relatedObject, data }: { relatedObject: ThinEventRecord['related_object']; data: Record<string, unknown> }): void {
    const id = randomId('evt_test');
    const { id: request, idempotency_key } = this.#request;
    const reason: ThinEventRecord['reason'] = request === null ? null : { type: 'request', request: { id: request, idempotency_key: idempotency_key ?? '' } };
    this.store.put<ThinEventRecord>(THIN_EVENTS, { id, object: 'v2.core.event', created: new Date(this.nowMs()).toISOString(), data, livemode: false, reason, related_object: relatedObject, type });
    this.#addDeliveries(id, type, true);
  }

  schedule(due: Omit<Due, 'id'>): void {
    this.queue.schedule(due);
  }

  unschedule(kind: string, subject: string): void {
    this.queue.unschedule(kind, subject);
  }

  reset(): void {
    this.store.clear();
    this.queue.clear();
  }

  #addDeliveries(event: string, type: string, thin: boolean): void {
    for (const endpoint of endpointsFor(this.store, type, thin)) {
      const id = `${event} ${endpoint.id}`;
      this.#deliveries.push(id);
      this.store.put<DeliveryRecord>(DELIVERIES, { id, event, endpoint: endpoint.id, thin, state: 'pending', attempts: 0, createdMs: this.nowMs(), nextMs: 0 });
    }
  }

  #runOrRollback<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof StripeError && error.keepsWrites) this.#commit();
      else this.#rollback();
      throw error;
    }
  }

  #commit(): void {
    try {
      this.store.commit();
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  #rollback(): void {
    this.store.rollback();
    this.#deliveries = [];
  }
}

/** @throws Error when the data of the folder cannot be read. */
export function openSimulation(options: SimulationOptions): OpenSimulation {
  return new OpenSimulation(options);
}
