import { billingEndpoints } from './billing/endpoints.ts';
import type { Endpoint } from './endpoint.ts';

/** All operations of the API that are simulated. */
export const endpoints: Endpoint[] = [...billingEndpoints];
