import type { Due, Seconds } from './simulation.ts';
import type { Store } from './store.ts';

export const DUE = 'sim.due';

interface StoredDue extends Due {
  /** Rises with every scheduling: what falls due at one time keeps the order in which it was scheduled. */
  order: number;
}

/**
 * What falls due, kept in the store; a heap per clock says what is next. Heaps are not rolled back: an entry counts only
 * while the store has the same one, and is dropped when it comes up otherwise.
 */
export class DueQueue {
  readonly #store: Store;
  readonly #heaps = new Map<string | null, StoredDue[]>();
  #nextOrder = 1;

  constructor(store: Store) {
    this.#store = store;
    for (const due of store.all<StoredDue>(DUE)) {
      this.#nextOrder = Math.max(this.#nextOrder, due.order + 1);
      this.#push(due);
    }
  }

  schedule({ at, kind, subject, clock }: Omit<Due, 'id'>): void {
    this.#push(this.#store.put<StoredDue>(DUE, { id: idOf(kind, subject), at, kind, subject, clock, order: this.#nextOrder++ }));
  }

  unschedule(kind: string, subject: string): void {
    this.#store.remove(DUE, idOf(kind, subject));
  }

  /** What is next on this clock; null when nothing is. It stays in the queue until it is unscheduled or scheduled anew. */
  next(clock: string | null): Due | null {
    const heap = this.#heaps.get(clock) ?? [];
    for (let top = heap[0]; top !== undefined; top = heap[0]) {
      const stored = this.#store.get<StoredDue>(DUE, top.id);
      if (stored !== undefined && stored.order === top.order) return stored;
      popTop(heap);
    }
    return null;
  }

  nextAt(clock: string | null): Seconds | null {
    return this.next(clock)?.at ?? null;
  }

  clear(): void {
    this.#heaps.clear();
  }

  #push(due: StoredDue): void {
    const heap = this.#heaps.get(due.clock) ?? [];
    this.#heaps.set(due.clock, heap);
    heap.push(due);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap, at, parent)) return;
      swap(heap, at, parent);
      at = parent;
    }
  }
}

function idOf(kind: string, subject: string): string {
  return `${kind} ${subject}`;
}

function popTop(heap: StoredDue[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  for (let at = 0; ; ) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    let first = at;
    if (left < heap.length && isBefore(heap, left, first)) first = left;
    if (right < heap.length && isBefore(heap, right, first)) first = right;
    if (first === at) return;
    swap(heap, at, first);
    at = first;
  }
}

function isBefore(heap: StoredDue[], a: number, b: number): boolean {
  const [one, other] = [heap[a] as StoredDue, heap[b] as StoredDue];
  return one.at === other.at ? one.order < other.order : one.at < other.at;
}

function swap(heap: StoredDue[], a: number, b: number): void {
  [heap[a], heap[b]] = [heap[b] as StoredDue, heap[a] as StoredDue];
}
