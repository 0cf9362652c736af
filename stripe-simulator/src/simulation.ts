import type { Store, StripeObject } from './store.ts';

/** Unix seconds, as all of the API's times are. */
export type Seconds = number;

/** What something that falls due later is: `kind` names its handler, `subject` the object it is about. */
export interface Due {
  id: string;
  at: Seconds;
  kind: string;
  subject: string;
  /** The test clock that it lives by; null for the account's own time. */
  clock: string | null;
}

/** What every part of the simulator stands on. One request, or one due moment, is one transaction of the store. */
export interface Simulation {
  store: Store;
  /** The account's time, or that of a test clock. */
  now(clock?: string | null): Seconds;
  /** A fresh id: `newId('sub')` → sub_…; 24 letters and digits, never the same twice. */
  newId(prefix: string): string;
  /** Records an event about the object as it is now; it goes to the endpoints after the commit. */
  emit(type: string, object: StripeObject, previous?: Record<string, unknown>): void;
  /** A thin (v2) event about something else than one object. */
  emitThin(type: string, event: { relatedObject: { id: string; type: string; url: string } | null; data: Record<string, unknown> }): void;
  /** Calls the handler of `kind` when its time has come, in the order of times, those of one time in the order scheduled. The same kind and subject replaces. */
  schedule(due: { at: Seconds; kind: string; subject: string; clock: string | null }): void;
  unschedule(kind: string, subject: string): void;
  /** Where this simulator is reached: hosted pages are linked from it. */
  origin: string;
  /** The settings that Stripe keeps in its dashboard. */
  settings: AccountSettings;
}

export interface AccountSettings {
  /** Days after a failed attempt to the next one; after the last, `afterRetries` happens. */
  retryDays: readonly number[];
  afterRetries: 'cancel' | 'unpaid' | 'past_due';
  /** Seconds that an invoice stays a draft. */
  draftSeconds: number;
  /** Days before the end of a period, or trial, that it is announced. */
  upcomingDays: number;
}

/** What is done when something falls due; registered by kind. Runs in a transaction of its own, with the time standing at `due.at`. */
export type DueHandler = (simulation: Simulation, due: Due) => void;
