/** What a gateway keeps of an event, to take a stream up again where it stood after the link was cut. */
export interface LiveMark {
  /** Where the stream stands with this event; what it means is known to the stream alone. */
  position: string;
  /** How many events before this one the reader did not get, because it was too slow for too long. */
  missed?: number;
  /** It may have been sent before the link was cut: the reader has to leave out what it has. */
  isReplay?: true;
}

/** An event of a stream that can be taken up again. Without a value it only says where the stream stands. */
export class LiveEvent<T> {
  constructor(
    readonly value: T | null,
    readonly mark: LiveMark,
  ) {}
}
