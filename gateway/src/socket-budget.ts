/** Takes as many at once as it holds, and then so many a second. */
export class TokenBucket {
  #left: number;
  #filledAtMs: number;

  constructor(
    private readonly size: number,
    private readonly perSecond: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.#left = size;
    this.#filledAtMs = nowMs();
  }

  /** Whether there was one left. */
  take(): boolean {
    const nowMs = this.nowMs();
    this.#left = Math.min(this.size, this.#left + ((nowMs - this.#filledAtMs) / 1000) * this.perSecond);
    this.#filledAtMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

/** A client that opens all its live operations at once, twice, and goes on at the pace of a person or a program that polls. */
const MESSAGES = { spare: 200, perSecond: 100 };
/** A program that is wrong says the same wrong thing again; each refusal costs what an answer costs. */
const REFUSALS = { size: 10, perSecond: 5 };

/** What one WebSocket may send: frames of any kind, and messages that were refused. */
export interface SocketBudget {
  /** Set once it was overdrawn: the socket is being closed. */
  isOver: boolean;
  takeMessage(): boolean;
  takeRefusal(): boolean;
}

export function createSocketBudget(maxSubscriptions: number): SocketBudget {
  const messages = new TokenBucket(2 * maxSubscriptions + MESSAGES.spare, MESSAGES.perSecond);
  const refusals = new TokenBucket(REFUSALS.size, REFUSALS.perSecond);
  return { isOver: false, takeMessage: () => messages.take(), takeRefusal: () => refusals.take() };
}
