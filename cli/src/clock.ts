/** This machine's clock: the only place that reads it. */
export const systemClock = { now: (): Date => new Date() };
