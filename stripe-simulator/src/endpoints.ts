import { billingEndpoints } from './billing/endpoints.ts';
import { featureEndpoints } from './catalogue/features.ts';
import { priceEndpoints } from './catalogue/prices.ts';
import { productEndpoints } from './catalogue/products.ts';
import { customerEndpoints } from './customers/customers.ts';
import { couponEndpoints } from './discounts/coupons.ts';
import { promotionCodeEndpoints } from './discounts/promotion-codes.ts';
import type { Endpoint } from './endpoint.ts';
import { eventEndpoints } from './events/events.ts';
import { thinEventEndpoints } from './events/thin-events.ts';
import { meterEventV2Endpoints } from './meters/meter-events-v2.ts';
import { meterEventEndpoints } from './meters/meter-events.ts';
import { meterEndpoints } from './meters/meters.ts';
import { paymentMethodEndpoints } from './payment-methods/payment-methods.ts';
import { chargeEndpoints } from './payments/charge-endpoints.ts';
import { disputeEndpoints } from './payments/dispute-endpoints.ts';
import { refundEndpoints } from './payments/refund-endpoints.ts';
import { testClockEndpoints } from './test-clocks/test-clocks.ts';
import { eventDestinationEndpoints } from './webhooks/event-destinations.ts';
import { webhookEndpointEndpoints } from './webhooks/webhook-endpoints.ts';

/** All operations of the API that are simulated. */
export const endpoints: Endpoint[] = [
  ...customerEndpoints,
  ...productEndpoints,
  ...priceEndpoints,
  ...featureEndpoints,
  ...couponEndpoints,
  ...promotionCodeEndpoints,
  ...meterEndpoints,
  ...meterEventEndpoints,
  ...meterEventV2Endpoints,
  ...paymentMethodEndpoints,
  ...chargeEndpoints,
  ...refundEndpoints,
  ...disputeEndpoints,
  ...testClockEndpoints,
  ...webhookEndpointEndpoints,
  ...eventDestinationEndpoints,
  ...eventEndpoints,
  ...thinEventEndpoints,
  ...billingEndpoints,
];
