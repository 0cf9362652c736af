import type { Endpoint } from '../endpoint.ts';

export const billingEndpoints: Endpoint[] = [];
