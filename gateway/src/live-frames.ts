import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { PublicResult } from './format-error.ts';

/** An error that leaves as it was made public. */
export class PublicGraphQLError extends GraphQLError {
  readonly #formatted: GraphQLFormattedError;

  constructor(formatted: GraphQLFormattedError) {
    super(formatted.message);
    this.#formatted = formatted;
  }

  override toJSON(): GraphQLFormattedError {
    return this.#formatted;
  }
}

/** A live operation that was refused after it had begun: it leaves as an `error` message. */
export class EndedByRefusal extends Error {
  readonly errors: readonly GraphQLFormattedError[];

  /** @param json a result with nothing but errors, as it was made public. */
  constructor(json: string) {
    super('a live operation was refused');
    this.errors = (JSON.parse(json) as PublicResult).errors ?? [];
  }
}

/** What graphql-ws reads of a live operation whose frames are written elsewhere: nothing, until it ends or is refused. */
export class LiveFrames implements AsyncIterableIterator<never> {
  /** Set by whoever joins: called once, when the client or the operation ends. */
  leave: () => void = () => undefined;
  readonly #end: Promise<IteratorResult<never>>;
  #settle: (refusal?: EndedByRefusal) => void = () => undefined;
  #hasEnded = false;

  constructor() {
    this.#end = new Promise((resolve, reject) => {
      this.#settle = (refusal) => (refusal === undefined ? resolve({ value: undefined, done: true }) : reject(refusal));
    });
    // Nothing may be reading by then.
    this.#end.catch(() => undefined);
  }

  /** @param refusal as JSON; without, the operation is complete. */
  end(refusal?: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.leave();
    this.#settle(refusal === undefined ? undefined : new EndedByRefusal(refusal));
  }

  next(): Promise<IteratorResult<never>> {
    return this.#end;
  }

  return(): Promise<IteratorResult<never>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  throw(error: unknown): Promise<IteratorResult<never>> {
    this.end();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
