import { type AccessTable, adminOnly, anyone, inherit, members, tenant } from '@iotistic/chassis/access';
import type { Subscription } from '../domain/subscription.ts';
import type { MeteredPeriodKey } from '../domain/metered-period.ts';
import type { CustomerReference } from './context.ts';

type OfCustomer = { customerId: string };
type InputOfCustomer = { input: OfCustomer };

const ofArgument = members((_source, args: OfCustomer) => args.customerId);
const ofInput = members((_source, args: InputOfCustomer) => args.input.customerId);
const ofCustomer = members((customer: CustomerReference) => customer.id);

export const access: AccessTable = {
  'Query.plans': anyone,
  'Query.plan': anyone,
  'Query.webhookEvents': adminOnly,
  'Query.billingOverview': adminOnly,
  'Query.reconciliation': ofArgument,
  'Query.reconciliationDifferences': adminOnly,
  'Mutation.createCheckoutSession': ofInput,
  'Mutation.createPortalSession': ofInput,
  'Mutation.changePlan': ofInput,
  'Mutation.cancelSubscription': ofInput,
  'Mutation.resumeSubscription': ofInput,
  'Mutation.startTrial': adminOnly,
  'Mutation.overrideEntitlements': adminOnly,
  'Mutation.replayWebhookEvent': adminOnly,
  'Mutation.repairMetering': adminOnly,
  'Subscription.subscriptionChanged': tenant((_source, args: OfCustomer) => args.customerId),
  'Subscription.upcomingInvoiceChanged': ofArgument,
  Plan: anyone,
  Money: anyone,
  Entitlements: inherit,
  Feature: inherit,
  Limit: inherit,
  IncludedQuantity: inherit,
  MeteredPrice: anyone,
  PriceTier: anyone,
  'Customer.invoices': ofCustomer,
  'Customer.upcomingInvoice': ofCustomer,
  'Customer.planComparison': ofCustomer,
  Customer: tenant((customer: CustomerReference) => customer.id),
  BillingSubscription: tenant((subscription: Subscription) => subscription.customerId),
  EntitlementOverride: inherit,
  Invoice: inherit,
  InvoiceLine: inherit,
  MeteredPeriod: members((period: MeteredPeriodKey) => period.customerId),
  UsageTrueUp: inherit,
  InvoiceConnection: inherit,
  InvoiceEdge: inherit,
  PageInfo: inherit,
  InvoicePreview: inherit,
  PlanQuote: inherit,
  BillingOverview: adminOnly,
  StatusCustomers: inherit,
  PlanCustomers: inherit,
  WebhookBacklog: inherit,
  WebhookEvent: adminOnly,
  WebhookEventConnection: adminOnly,
  WebhookEventEdge: adminOnly,
  Reconciliation: inherit,
  MeterReconciliation: inherit,
  ReconciliationConnection: adminOnly,
  ReconciliationEdge: adminOnly,
  RepairMeteringPayload: inherit,
  CreateCheckoutSessionPayload: inherit,
  CreatePortalSessionPayload: inherit,
  ChangePlanPayload: inherit,
  CancelSubscriptionPayload: inherit,
  ResumeSubscriptionPayload: inherit,
  StartTrialPayload: inherit,
  OverrideEntitlementsPayload: inherit,
  ReplayWebhookEventPayload: inherit,
};
