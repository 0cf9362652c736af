import type { DueHandler } from '../simulation.ts';

export const billingDueHandlers: Record<string, DueHandler> = {};
