import { z } from 'zod';
import { array, boolean, hash, integer, metadata, oneOf, text, timestamp, unsettable } from '../params.ts';

/** Parameters that several operations on subscriptions share. */
export const discountParams = array(hash({ coupon: text().optional(), promotion_code: text().optional(), discount: text().optional() }));

export const itemChanges = array(hash({ id: text().optional(), price: text().optional(), quantity: integer({ min: 0 }).optional(), deleted: boolean().optional(), metadata: metadata().optional(), clear_usage: boolean().optional() }));

export const prorationBehavior = oneOf('always_invoice', 'create_prorations', 'none');
export const paymentBehavior = oneOf('allow_incomplete', 'default_incomplete', 'error_if_incomplete', 'pending_if_incomplete');
export const anchor = hash({ type: oneOf('now', 'unchanged') });
export const trialEnd = z.union([z.literal('now'), timestamp()]);
export const cancelAt = unsettable(z.union([z.literal('min_period_end'), z.literal('max_period_end'), timestamp()]));
export const cancellationDetails = hash({ comment: unsettable(text()).optional(), feedback: unsettable(text()).optional() });
export const trialSettings = hash({ end_behavior: hash({ missing_payment_method: oneOf('cancel', 'create_invoice', 'pause') }) });
