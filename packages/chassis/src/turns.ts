/** A door that lets so many in at a time; the others stand in line, first come first served. */
export class Turns {
  readonly #line: ((isIn: boolean) => void)[] = [];
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  /** Whether the turn came within that time. Who is let in says so with `leave` when done. */
  enter(waitMs: number): Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(true);
    }
    if (waitMs <= 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const come = (isIn: boolean): void => {
        clearTimeout(timer);
        resolve(isIn);
      };
      const timer = setTimeout(() => {
        this.#line.splice(this.#line.indexOf(come), 1);
        resolve(false);
      }, waitMs);
      this.#line.push(come);
    });
  }

  leave(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#free += 1;
    else next(true);
  }

  /** Sends home all who stand in line. */
  dismiss(): void {
    for (const come of this.#line.splice(0)) come(false);
  }
}
