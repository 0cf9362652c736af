/** Where all time comes from: `Date.now()` is written nowhere else. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
