/** Any object of the API, as the wire has it. Its `object` says what it is. */
export interface StripeObject {
  id: string;
  object: string;
  [field: string]: unknown;
}

/** The name of a collection, which may say what its records are: `const PRICES: Collection<PriceRecord> = 'price'`. Any text will do. */
export type Collection<T> = string & { readonly records?: T };

/**
 * What the simulated account holds: named collections of plain JSON records. Reads see the writes of the request at
 * hand; `commit` makes them last (appended to a journal before the answer leaves), `rollback` undoes them.
 */
export interface Store {
  get<T extends { id: string }>(collection: Collection<T>, id: string): T | undefined;
  /** In order of creation, oldest first. */
  all<T extends { id: string }>(collection: Collection<T>): T[];
  /** Those whose `field` is this value: an index that is kept, not a scan. */
  by<T extends { id: string }>(collection: Collection<T>, field: string, value: string): T[];
  put<T extends { id: string }>(collection: Collection<T>, record: T): T;
  remove(collection: string, id: string): void;
  commit(): void;
  rollback(): void;
}
