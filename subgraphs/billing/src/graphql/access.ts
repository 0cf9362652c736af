import { type AccessTable, anyone, inherit, tenant } from '@iotistic/chassis/access';
import type { Subscription } from '../domain/subscription.ts';
import type { CustomerReference } from './context.ts';

export const access: AccessTable = {
  'Query.plans': anyone,
  'Query.plan': anyone,
  'Subscription.subscriptionChanged': tenant((_source, args: { customerId: string }) => args.customerId),
  Plan: anyone,
  Money: anyone,
  Entitlements: inherit,
  Feature: inherit,
  Limit: inherit,
  IncludedQuantity: inherit,
  MeteredPrice: anyone,
  PriceTier: anyone,
  Customer: tenant((customer: CustomerReference) => customer.id),
  BillingSubscription: tenant((subscription: Subscription) => subscription.customerId),
};
