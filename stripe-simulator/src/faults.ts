/** What is to go wrong with calls to the API. */
export interface Fault {
  /** Answers this status instead. */
  status: number | null;
  /** Carries the request out first; a status is then kept under the idempotency key, as Stripe keeps it. */
  afterApply: boolean;
  /** Ends the connection without an answer. */
  cut: boolean;
  /** Waits so long before anything else. */
  delayMs: number;
  /** Requests to this path, or below it. */
  path: string | null;
}

/** Faults that are still to happen: one kind at a time, so many times. */
export class Faults {
  #fault: Fault | null = null;
  #left = 0;

  set(fault: Fault | null, count: number): void {
    this.#fault = fault;
    this.#left = count;
  }

  /** The fault of this request, which is then used up once. Reading applies nothing, so what fails after applying leaves it alone. */
  take(method: string, pathname: string): Fault | null {
    const fault = this.#fault;
    if (fault === null || this.#left === 0) return null;
    if (fault.afterApply && method === 'GET') return null;
    if (fault.path !== null && pathname !== fault.path && !pathname.startsWith(`${fault.path}/`)) return null;
    this.#left -= 1;
    return fault;
  }
}
