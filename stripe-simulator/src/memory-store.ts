import { openJournal, type Change, type Journal } from './journal.ts';
import { RecordIndex } from './record-index.ts';
import type { Collection, Store } from './store.ts';

interface Entry {
  /** Rises with every record made: the order of creation. */
  order: number;
  record: { id: string };
}

interface Undo {
  collection: string;
  id: string;
  before: Entry | undefined;
}

/**
 * The store, in memory, with a journal of one line per commit. A record is copied when it is put and frozen from then
 * on: what was read is changed by putting a changed copy, so that a rollback really undoes and events really compare.
 */
export class MemoryStore implements Store {
  readonly #collections = new Map<string, Map<string, Entry>>();
  readonly #index = new RecordIndex();
  readonly #journal: Journal | null;
  #undo: Undo[] = [];
  #nextOrder = 1;

  /** @throws Error when the journal is there and is damaged elsewhere than at its torn end. */
  constructor(dataDir: string | null) {
    this.#journal = dataDir === null ? null : openJournal(dataDir, (change) => this.#apply(change));
  }

  get<T extends { id: string }>(collection: Collection<T>, id: string): T | undefined {
    return this.#collections.get(collection)?.get(id)?.record as T | undefined;
  }

  all<T extends { id: string }>(collection: Collection<T>): T[] {
    return Array.from(this.#collections.get(collection)?.values() ?? [], ({ record }) => record as T);
  }

  by<T extends { id: string }>(collection: Collection<T>, field: string, value: string): T[] {
    const entries = this.#collections.get(collection);
    if (entries === undefined) return [];
    const ids = this.#index.find(collection, field, value, () => entries.values());
    return Array.from(ids, (id) => entries.get(id) as Entry)
      .sort((a, b) => a.order - b.order)
      .map(({ record }) => record as T);
  }

  put<T extends { id: string }>(collection: Collection<T>, record: T): T {
    const entries = this.#collectionOf(collection);
    const before = entries.get(record.id);
    const stored = frozenCopy(record) as T;
    this.#undo.push({ collection, id: record.id, before });
    this.#set(collection, { order: before?.order ?? this.#nextOrder++, record: stored });
    return stored;
  }

  remove(collection: string, id: string): void {
    const before = this.#collections.get(collection)?.get(id);
    if (before === undefined) return;
    this.#undo.push({ collection, id, before });
    this.#delete(collection, id);
  }

  /** @throws Error when the disk refuses: nothing was committed then, and a rollback is still possible. */
  commit(): void {
    if (this.#undo.length === 0) return;
    this.#journal?.append(this.#changes());
    this.#undo = [];
    if (this.#journal?.hasOutgrown() === true) this.#journal.compact(this.#everything());
  }

  rollback(): void {
    const disordered = new Set<string>();
    for (const { collection, id, before } of this.#undo.toReversed()) {
      if (before === undefined) this.#delete(collection, id);
      else {
        if (this.get(collection, id) === undefined) disordered.add(collection);
        this.#set(collection, before);
      }
    }
    this.#undo = [];
    for (const collection of disordered) this.#sort(collection);
  }

  /** Forgets everything, on the disk too. */
  clear(): void {
    this.#collections.clear();
    this.#index.clear();
    this.#undo = [];
    this.#journal?.compact([]);
  }

  close(): void {
    this.#journal?.close();
  }

  #changes(): Change[] {
    const changed = new Map(this.#undo.map((undo) => [`${undo.collection} ${undo.id}`, undo]));
    return Array.from(changed.values(), ({ collection, id }) => {
      const entry = this.#collections.get(collection)?.get(id);
      return entry === undefined ? [collection, id] : [collection, id, entry.order, entry.record];
    });
  }

  *#everything(): Generator<Change> {
    for (const [collection, entries] of this.#collections) {
      for (const [id, { order, record }] of entries) yield [collection, id, order, record];
    }
  }

  #apply([collection, id, order, record]: Change): void {
    const entries = this.#collectionOf(collection);
    if (entries.get(id)?.order !== order) entries.delete(id);
    if (order === undefined || record === undefined) return;
    this.#nextOrder = Math.max(this.#nextOrder, order + 1);
    entries.set(id, { order, record: frozenCopy(record) as { id: string } });
  }

  #set(collection: string, entry: Entry): void {
    const entries = this.#collectionOf(collection);
    const { id } = entry.record;
    this.#index.change(collection, entries.get(id)?.record, entry.record);
    entries.set(id, entry);
  }

  #delete(collection: string, id: string): void {
    const entries = this.#collections.get(collection);
    this.#index.change(collection, entries?.get(id)?.record, undefined);
    entries?.delete(id);
  }

  #collectionOf(collection: string): Map<string, Entry> {
    const entries = this.#collections.get(collection) ?? new Map<string, Entry>();
    this.#collections.set(collection, entries);
    return entries;
  }

  #sort(collection: string): void {
    const entries = this.#collections.get(collection) ?? new Map<string, Entry>();
    this.#collections.set(collection, new Map([...entries].sort(([, a], [, b]) => a.order - b.order)));
  }
}

/** A deep copy as JSON would make it, frozen. What is frozen already came from here and is shared. */
function frozenCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (COPIED.has(value)) return value;
  const copy = Array.isArray(value)
    ? value.map((element: unknown) => (element === undefined ? null : frozenCopy(element)))
    : Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined).map(([name, field]) => [name, frozenCopy(field)]));
  COPIED.add(copy);
  return Object.freeze(copy);
}

const COPIED = new WeakSet<object>();
