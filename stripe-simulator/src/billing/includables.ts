import type { Includable } from '../render.ts';

/** By object type and field: what an answer holds only when it is asked for by `expand`, computed from the store. */
export const billingIncludables: Record<string, Record<string, Includable>> = {};
