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

/** The simulation together with what only its own machinery uses. */
export interface OpenSimulation extends Simulation {
  store: MemoryStore;
  queue: DueQueue;
  /** The account's time in milliseconds. */
  nowMs(): number;
  /** All of `run` is made to last, or none of it. @throws whatever `run` throws. */
  transaction<T>(request: EventRequest | null, run: () => T): T;
  /** As `transaction`, with the time of its clock standing at `due.at`. */
  transactionAt<T>(due: Due, run: () => T): T;
  /** Is called after each commit, with the deliveries that it made. */
  onCommitted: (deliveries: string[]) => void;
  reset(): void;
}

const NO_REQUEST: EventRequest = { id: null, idempotency_key: null };

/** @throws Error when the data of the folder cannot be read. */
export function openSimulation(options: { dataDir: string | null; clock: SimulatorClock; settings?: Partial<AccountSettings> }): OpenSimulation {
  const store = new MemoryStore(options.dataDir);
  const queue = new DueQueue(store);
  let standing: Due | null = null;
  let request = NO_REQUEST;
  let deliveries: string[] = [];
  const nowMs = (): number => (standing?.clock === null ? standing.at * 1000 : options.clock.now().getTime());

  function rollback(): void {
    store.rollback();
    deliveries = [];
  }

  function transaction<T>(cause: EventRequest | null, run: () => T): T {
    request = cause ?? NO_REQUEST;
    try {
      const answer = run();
      store.commit();
      return answer;
    } catch (error) {
      if (error instanceof StripeError && error.keepsWrites) store.commit();
      else rollback();
      throw error;
    } finally {
      request = NO_REQUEST;
      const made = deliveries;
      deliveries = [];
      simulation.onCommitted(made);
    }
  }

  function addDeliveries(event: string, type: string, thin: boolean): void {
    for (const endpoint of endpointsFor(store, type, thin)) {
      const id = `${event} ${endpoint.id}`;
      deliveries.push(id);
      store.put<DeliveryRecord>(DELIVERIES, { id, event, endpoint: endpoint.id, thin, state: 'pending', attempts: 0, createdMs: nowMs(), nextMs: 0 });
    }
  }

  const simulation: OpenSimulation = {
    store,
    queue,
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    onCommitted: () => undefined,
    nowMs,
    now: (clock = null) => (clock === null ? Math.floor(nowMs() / 1000) : timeOfTestClock(store, standing, clock)),
    newId: randomId,
    emit(type, object, previous) {
      const id = randomId('evt');
      const data = { object: snapshot(object), ...(previous === undefined ? {} : { previous_attributes: previous }) };
      store.put<EventRecord>(EVENTS, { id, object: 'event', api_version: API_VERSION, created: Math.floor(nowMs() / 1000), data, livemode: false, request, type });
      addDeliveries(id, type, false);
    },
    emitThin(type, { relatedObject, data }) {
      const id = randomId('evt_test');
      const reason: ThinEventRecord['reason'] = request.id === null ? null : { type: 'request', request: { id: request.id, idempotency_key: request.idempotency_key ?? '' } };
      store.put<ThinEventRecord>(THIN_EVENTS, { id, object: 'v2.core.event', created: new Date(nowMs()).toISOString(), data, livemode: false, reason, related_object: relatedObject, type });
      addDeliveries(id, type, true);
    },
    schedule: (due) => queue.schedule(due),
    unschedule: (kind, subject) => queue.unschedule(kind, subject),
    transaction,
    transactionAt(due, run) {
      standing = due;
      try {
        return transaction(null, run);
      } finally {
        standing = null;
      }
    },
    reset() {
      store.clear();
      queue.clear();
    },
  };
  return simulation;
}

function timeOfTestClock(store: MemoryStore, standing: Due | null, clock: string): Seconds {
  if (standing?.clock === clock) return standing.at;
  const record = store.get<StripeObject & { frozen_time: Seconds }>('test_helpers.test_clock', clock);
  if (record === undefined) throw new Error(`test clock ${clock} is gone`);
  return record.frozen_time;
}
