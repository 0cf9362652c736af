import type { Endpoint } from '../endpoint.ts';
import { checkoutEndpoints } from './checkout-endpoints.ts';
import { creditNoteEndpoints } from './credit-note-endpoints.ts';
import { entitlementEndpoints } from './entitlements.ts';
import { invoiceEndpoints } from './invoice-endpoints.ts';
import { manualInvoiceEndpoints } from './manual-invoice-endpoints.ts';
import { portalEndpoints } from './portal-endpoints.ts';
import { subscriptionEndpoints } from './subscription-endpoints.ts';
import { subscriptionItemEndpoints } from './subscription-item-endpoints.ts';

/** What the API does about money over time. */
export const billingEndpoints: Endpoint[] = [...subscriptionEndpoints, ...subscriptionItemEndpoints, ...invoiceEndpoints, ...manualInvoiceEndpoints, ...creditNoteEndpoints, ...entitlementEndpoints, ...checkoutEndpoints, ...portalEndpoints];
