/** More than that stand back at once only where nearly nothing works: then a round begins again. */
const MAX_STANDING_BACK = 20_000;

export interface Round<T> {
  /** At most so many in one run. */
  limit: number;
  /** The next ones in their order, without those that stand back. */
  list(standingBack: string[], limit: number): Promise<T[]>;
  keyOf(item: T): string;
  /** Answers `stays` where the item is listed again although nothing went wrong. */
  each(item: T): Promise<unknown>;
  failed(error: unknown, item: T): unknown;
  /** Ends the run after the item at work. */
  signal?: { readonly aborted: boolean };
}

/**
 * Work on a list that is longer than one run, where some of it may fail for ever: what failed stands back until all
 * others had their turn. One for each kind of work, for as long as the process lives; another process begins at the front.
 */
export class FairRounds {
  readonly #standingBack = new Set<string>();

  /** @returns how many were tried. */
  async run<T>(round: Round<T>): Promise<number> {
    const found = await round.list([...this.#standingBack], round.limit);
    const isLast = found.length < round.limit;
    if (isLast || this.#standingBack.size > MAX_STANDING_BACK) this.#standingBack.clear();
    let tried = 0;
    for (const item of found) {
      if (round.signal?.aborted === true) break;
      tried += 1;
      const isDone = await this.#try(round, item);
      if (!isDone && !isLast) this.#standingBack.add(round.keyOf(item));
    }
    return tried;
  }

  async #try<T>(round: Round<T>, item: T): Promise<boolean> {
    try {
      return (await round.each(item)) !== 'stays';
    } catch (error) {
      round.failed(error, item);
      return false;
    }
  }
}
