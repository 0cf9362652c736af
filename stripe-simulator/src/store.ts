/** Any object of the API, as the wire has it. Its `object` says what it is. */
export interface StripeObject {
  id: string;
  object: string;
  [field: string]: unknown;
}

/**
 * What the simulated account holds: named collections of plain JSON records. Reads see the writes of the request at
 * hand; `commit` makes them last (appended to a journal before the answer leaves), `rollback` undoes them.
 */
export interface Store {
  get<T extends { id: string }>(collection: string, id: string): T | undefined;
  /** In order of creation, oldest first. */
  all<T extends { id: string }>(collection: string): T[];
  /** Those whose `field` is this value: an index that is kept, not a scan. */
  by<T extends { id: string }>(collection: string, field: string, value: string): T[];
  put<T extends { id: string }>(collection: string, record: T): T;
  remove(collection: string, id: string): void;
  commit(): void;
  rollback(): void;
}
