import type { Endpoint } from '../endpoint.ts';
import { checkoutEndpoints } from './checkout-endpoints.ts';
import { invoiceEndpoints } from './invoice-endpoints.ts';
import { portalEndpoints } from './portal-endpoints.ts';
import { subscriptionEndpoints } from './subscription-endpoints.ts';

/** What the API does about money over time. */
export const billingEndpoints: Endpoint[] = [...subscriptionEndpoints, ...invoiceEndpoints, ...checkoutEndpoints, ...portalEndpoints];
