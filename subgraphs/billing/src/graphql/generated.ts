// Written by "npm run codegen" from schema/billing.graphql.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { BillingOverview as Overview } from '../service/read-billing-overview.ts';
import type { Subscription as SubscriptionState } from '../domain/subscription.ts';
import type { CustomerReference, InvoiceLineOfCustomer, PlanCount, Context } from './context.ts';
import type { Dispute as PaymentDispute } from '../domain/dispute.ts';
import type { EntitlementOverride as OverrideValues } from '../domain/entitlement-override.ts';
import type { EntitlementValues } from '@iotistic/contracts/events';
import type { Invoice as InvoiceCopy } from '../domain/invoice.ts';
import type { PreviewedInvoice } from '../service/preview-invoice.ts';
import type { MeteredPeriodKey } from '../domain/metered-period.ts';
import type { OwedSum as SumOwed } from '../repository/owed-invoices.ts';
import type { Plan as CataloguePlan } from '../domain/plan-catalogue.ts';
import type { PlanQuote as Quote } from '../domain/compare-plans.ts';
import type { TrueUp } from '../domain/true-up.ts';
import type { Reconciliation as PeriodReconciliation } from '../domain/reconciliation.ts';
import type { WebhookEvent as WebhookEventRow } from '../repository/webhook-events.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  DateTime: { input: Date; output: Date | string; }
  /** A whole number up to 2^53 - 1, sent as a JSON number. */
  SafeInt: { input: number; output: number; }
  link__Import: { input: string; output: string; }
  federation__FieldSet: { input: string; output: string; }
  federation__Scope: { input: string; output: string; }
  federation__Policy: { input: string; output: string; }
  federation__ContextFieldValue: { input: string; output: string; }
  _Any: { input: Record<string, unknown>; output: Record<string, unknown>; }
};

export type PageInfo = {
  readonly __typename?: 'PageInfo';
  readonly hasNextPage: Scalars['Boolean']['output'];
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  readonly startCursor: Maybe<Scalars['String']['output']>;
  readonly endCursor: Maybe<Scalars['String']['output']>;
};

export type Query = {
  readonly __typename?: 'Query';
  /** Public price list, cheapest first. */
  readonly plans: ReadonlyArray<Plan>;
  /** One plan of the price list. */
  readonly plan: Maybe<Plan>;
  /** Stripe events as received, newest first (admin). */
  readonly webhookEvents: WebhookEventConnection;
  /** What the vendor earns, and what needs a look (admin). */
  readonly billingOverview: BillingOverview;
  /** What was reported, what was sent to Stripe and what Stripe says it has, meter by meter (admin, or the customer's own). */
  readonly reconciliation: Reconciliation;
  /** Billing periods in which Stripe does not have what was reported, as read last, the newest difference first (admin). */
  readonly reconciliationDifferences: ReconciliationConnection;
  /** What others made at Stripe with our customers, and is left alone, as read last, the newest first (admin). */
  readonly stripeFindings: StripeFindingConnection;
};


export type QueryPlanArgs = {
  key: PlanKey;
};


export type QueryWebhookEventsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  status?: InputMaybe<WebhookEventStatus>;
};


export type QueryReconciliationArgs = {
  customerId: Scalars['ID']['input'];
};


export type QueryReconciliationDifferencesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


export type QueryStripeFindingsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Opens Stripe's hosted checkout page for a plan. What is left of the trial goes along. Any other open checkout of the customer ends, so that nothing is bought twice. A plan that the customer's active devices do not fit is refused with PLAN_DOES_NOT_FIT. */
  readonly createCheckoutSession: CreateCheckoutSessionPayload;
  /** Opens Stripe's hosted portal: card, invoices, cancellation. */
  readonly createPortalSession: CreatePortalSessionPayload;
  /** Changes a paid subscription's plan at once: a new period begins, the unused part of the old base price is credited, usage so far is billed at the old prices. Without a paid subscription: CHECKOUT_REQUIRED; while the present period is not paid, or was given back: PERIOD_NOT_PAID. A plan that the customer's active devices do not fit is refused with PLAN_DOES_NOT_FIT. For an operator also the way onto a plan by contract. */
  readonly changePlan: ChangePlanPayload;
  /** Ends it with its period, or at once, which bills the usage so far and credits the unused part of the base price, as far as it was paid: what was not is not credited, and stays owed. */
  readonly cancelSubscription: CancelSubscriptionPayload;
  /** Takes back a cancellation at the period's end. */
  readonly resumeSubscription: ResumeSubscriptionPayload;
  /** Admin: a trial of the given plan for the given days, for a customer without a paid subscription. */
  readonly startTrial: StartTrialPayload;
  /** Admin: what a contract grants beyond the plan (enterprise). What is given for features, or for limits, replaces what an earlier override said of them; an empty list takes it back. */
  readonly overrideEntitlements: OverrideEntitlementsPayload;
  /** Admin: handles a stored Stripe event once more. */
  readonly replayWebhookEvent: ReplayWebhookEventPayload;
  /** Admin: tells Stripe anew what it provably lacks, in the present period and in the one before while its invoice is a draft. What is said again replaces; a second call finds nothing. */
  readonly repairMetering: RepairMeteringPayload;
  /** Admin: makes Stripe sell what the catalogue says: meters, products, prices and the portal, found by names of ours. A second call changes nothing. A price that changed is a new one; who bought the old one keeps it. */
  readonly syncCatalogue: SyncCataloguePayload;
  /** Which mails the customer gets besides those about money and access (admin, or the customer's own users). */
  readonly updateMailPreferences: UpdateMailPreferencesPayload;
};


export type MutationCreateCheckoutSessionArgs = {
  input: CreateCheckoutSessionInput;
};


export type MutationCreatePortalSessionArgs = {
  input: CreatePortalSessionInput;
};


export type MutationChangePlanArgs = {
  input: ChangePlanInput;
};


export type MutationCancelSubscriptionArgs = {
  input: CancelSubscriptionInput;
};


export type MutationResumeSubscriptionArgs = {
  input: ResumeSubscriptionInput;
};


export type MutationStartTrialArgs = {
  input: StartTrialInput;
};


export type MutationOverrideEntitlementsArgs = {
  input: OverrideEntitlementsInput;
};


export type MutationReplayWebhookEventArgs = {
  input: ReplayWebhookEventInput;
};


export type MutationRepairMeteringArgs = {
  input: RepairMeteringInput;
};


export type MutationSyncCatalogueArgs = {
  input?: SyncCatalogueInput;
};


export type MutationUpdateMailPreferencesArgs = {
  input: UpdateMailPreferencesInput;
};

export type Subscription = {
  readonly __typename?: 'Subscription';
  /** Every change of one customer's subscription: plan, status, period, entitlements. */
  readonly subscriptionChanged: BillingSubscription;
  /** What the current period would cost, each time that changes. */
  readonly upcomingInvoiceChanged: InvoicePreview;
};


export type SubscriptionSubscriptionChangedArgs = {
  customerId: Scalars['ID']['input'];
};


export type SubscriptionUpcomingInvoiceChangedArgs = {
  customerId: Scalars['ID']['input'];
};

/** The plans. */
export type PlanKey =
  /** Fourteen days after sign-up, free, once. */
  | 'TRIAL'
  /** The smallest that is sold. */
  | 'STARTER'
  /** For production. */
  | 'PROFESSIONAL'
  /** By contract: only the operator gives it. */
  | 'ENTERPRISE';

/** Something that is sold, or the trial. */
export type Plan = {
  readonly __typename?: 'Plan';
  /** By which the API names it. */
  readonly key: PlanKey;
  /** By which people do. */
  readonly name: Scalars['String']['output'];
  /** Null where the price is by contract. */
  readonly price: Maybe<Money>;
  /** What it grants. */
  readonly entitlements: Entitlements;
  /** What is charged beside the base price. */
  readonly meteredPrices: ReadonlyArray<MeteredPrice>;
};

/** An amount in the currency's minor unit: 2900 USD is $29.00. */
export type Money = {
  readonly __typename?: 'Money';
  /** In the currency's minor unit, cents for USD. */
  readonly amount: Scalars['SafeInt']['output'];
  /** Three capital letters (ISO 4217). */
  readonly currency: Scalars['String']['output'];
};

/** What a customer may do: the features, limits and included quantities that the license carries. */
export type Entitlements = {
  readonly __typename?: 'Entitlements';
  /** Switches. */
  readonly features: ReadonlyArray<Feature>;
  /** Ceilings. */
  readonly limits: ReadonlyArray<Limit>;
  /** What the base price includes in a billing period. */
  readonly included: ReadonlyArray<IncludedQuantity>;
};

/** A switch, e.g. hasAdvancedAlerts. */
export type Feature = {
  readonly __typename?: 'Feature';
  /** Its name, as in the license. */
  readonly key: Scalars['String']['output'];
  /** Whether it is granted. */
  readonly enabled: Scalars['Boolean']['output'];
};

/** A ceiling, e.g. maxDevices; null is unlimited. */
export type Limit = {
  readonly __typename?: 'Limit';
  /** Its name, as in the license. */
  readonly key: Scalars['String']['output'];
  /** The ceiling; null is unlimited. */
  readonly value: Maybe<Scalars['SafeInt']['output']>;
};

/** What the base price includes of a meter. */
export type IncludedQuantity = {
  readonly __typename?: 'IncludedQuantity';
  /** Of which. */
  readonly meter: Meter;
  /** In the meter's own unit; null is unlimited. */
  readonly quantity: Maybe<Scalars['SafeInt']['output']>;
};

/** What is measured. */
export type Meter =
  /** Active devices: a state, of which the highest hour counts. */
  | 'DEVICES'
  /** Messages sent and taken by the broker: they add up. */
  | 'MQTT_MESSAGES'
  /** Bytes sent and taken by the broker: they add up, and are not billed. */
  | 'MQTT_BYTES'
  /** Bytes sent and taken by the API: they add up, and are not billed. */
  | 'HTTP_BYTES'
  /** Requests to the API: they add up, and are not billed. */
  | 'API_CALLS'
  /** Bytes stored: a state, of which the highest hour counts. */
  | 'STORAGE_BYTES';

/** What a meter costs on a plan. */
export type MeteredPrice = {
  readonly __typename?: 'MeteredPrice';
  /** Which. */
  readonly meter: Meter;
  /** By which the price is found at Stripe. */
  readonly lookupKey: Scalars['String']['output'];
  /** What is charged for: device, 1,000 messages, GB; started ones count. */
  readonly unit: Scalars['String']['output'];
  /** How the tiers are read. */
  readonly model: PricingModel;
  /** From the first unit on. */
  readonly tiers: ReadonlyArray<PriceTier>;
};

/** How a price's tiers are read. */
export type PricingModel =
  /** Each unit costs the same. */
  | 'PER_UNIT'
  /** Each unit costs what its own tier says. */
  | 'GRADUATED'
  /** All units cost what the tier of the last one says. */
  | 'VOLUME'
  /** Packages are charged, begun ones whole. */
  | 'PACKAGE';

/** A part of a price. */
export type PriceTier = {
  readonly __typename?: 'PriceTier';
  /** The last unit of the tier; null for the tier without an end. */
  readonly upTo: Maybe<Scalars['SafeInt']['output']>;
  /** For each unit, or package, in minor units; a decimal, since it may be less than a cent. */
  readonly unitAmountDecimal: Scalars['String']['output'];
  /** Charged once the tier is reached, in minor units. */
  readonly flatAmount: Maybe<Scalars['SafeInt']['output']>;
  /** Units of one package. */
  readonly packageSize: Maybe<Scalars['SafeInt']['output']>;
};

export type Customer = {
  readonly __typename?: 'Customer';
  readonly id: Scalars['ID']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  /** What it has bought, or its trial. There is always one. */
  readonly subscription: Maybe<BillingSubscription>;
  /** Newest first. */
  readonly invoices: Maybe<InvoiceConnection>;
  /** What the current period would cost if it ended now, line by line; null without a paid subscription. */
  readonly upcomingInvoice: Maybe<InvoicePreview>;
  /** Payments that its bank took back, or asked about, the newest first, at most a hundred. */
  readonly disputes: Maybe<ReadonlyArray<Dispute>>;
  /** The bill of one period on every plan that can be had, and the customer's own; the cheapest first. Whether the customer fits a plan is part of the quote. */
  readonly planComparison: Maybe<ReadonlyArray<PlanQuote>>;
  /** Which mails it gets besides those about money and access, which always go. */
  readonly mailPreferences: Maybe<MailPreferences>;
};


export type CustomerInvoicesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


export type CustomerPlanComparisonArgs = {
  basis?: InputMaybe<QuoteBasis>;
};

/** Which mails a customer gets besides those about money and access. Each mail that can be stopped has a link, and a header for mail programs (RFC 8058), that stops its kind. */
export type MailPreferences = {
  readonly __typename?: 'MailPreferences';
  /** When 80 % of what is included or allowed is used. Those at 100 % always go. */
  readonly usageWarnings: Scalars['Boolean']['output'];
  /** When usage is far above what is usual, an instance falls silent, or two agents report under one name. */
  readonly usageAnomalies: Scalars['Boolean']['output'];
  /** When a deployment failed. */
  readonly deployments: Scalars['Boolean']['output'];
};

/** A customer's subscription. (Named so because Subscription is GraphQL's own root.) */
export type BillingSubscription = {
  readonly __typename?: 'BillingSubscription';
  /** subn_ and 24 characters of base 32. */
  readonly id: Scalars['ID']['output'];
  /** Whose. */
  readonly customer: Maybe<Customer>;
  /** What it is on. */
  readonly plan: Plan;
  /** How it stands. */
  readonly status: SubscriptionStatus;
  /** Null where there was none. */
  readonly trialEndsAt: Maybe<Scalars['DateTime']['output']>;
  /** When the billing period at hand began, in which usage counts; null for a contract. */
  readonly currentPeriodStart: Maybe<Scalars['DateTime']['output']>;
  /** When what is paid for ends: with that period, or later where the base price is by the year and meters by the month; null for a contract. */
  readonly currentPeriodEndsAt: Maybe<Scalars['DateTime']['output']>;
  /** Whether it ends then. */
  readonly cancelAtPeriodEnd: Scalars['Boolean']['output'];
  /** What it grants: the plan's, with what an operator overrode. */
  readonly entitlements: Entitlements;
  /** What an operator granted beyond the plan, or took away. */
  readonly override: Maybe<EntitlementOverride>;
  /** Rises by one at every change: what an older version says is stale. */
  readonly version: Scalars['Int']['output'];
  /** When it changed last. */
  readonly updatedAt: Scalars['DateTime']['output'];
};

/** How a subscription stands, in Stripe's words. */
export type SubscriptionStatus =
  /** In its trial. */
  | 'TRIALING'
  /** Paid for. */
  | 'ACTIVE'
  /** A payment failed and is tried again; the license runs through its grace. */
  | 'PAST_DUE'
  /** Ended. */
  | 'CANCELED'
  /** Every attempt to be paid failed. */
  | 'UNPAID'
  /** Its first payment has not gone through yet. */
  | 'INCOMPLETE'
  /** Its first payment never did. */
  | 'INCOMPLETE_EXPIRED'
  /** The trial ended and nothing was bought. */
  | 'PAUSED';

/** A bill, as Stripe has it. */
export type Invoice = {
  readonly __typename?: 'Invoice';
  /** Stripe's. */
  readonly id: Scalars['ID']['output'];
  /** As it is printed; null on a draft. */
  readonly number: Maybe<Scalars['String']['output']>;
  /** Whose. */
  readonly customer: Maybe<Customer>;
  /** How it stands. */
  readonly status: InvoiceStatus;
  /** Of its lines, before discounts and tax. */
  readonly subtotal: Money;
  /** Below zero is a credit. */
  readonly total: Money;
  /** What is still to be paid of it: of a draft, as far as it goes; nothing once it is paid or void. */
  readonly amountDue: Money;
  /** Until when it is to be paid; null where a card is charged. */
  readonly dueAt: Maybe<Scalars['DateTime']['output']>;
  /** How often a payment was tried. */
  readonly attempts: Scalars['Int']['output'];
  /** When Stripe tries the next time; null where it does not. */
  readonly nextAttemptAt: Maybe<Scalars['DateTime']['output']>;
  /** Whether a bank took a payment of it back, or asks about one; a dispute that was won is none. */
  readonly disputed: Scalars['Boolean']['output'];
  /** What was given back of what was paid; null where nothing was. */
  readonly refunded: Maybe<Money>;
  /** When the billing period began. */
  readonly periodStart: Scalars['DateTime']['output'];
  /** When it ends, or ended. */
  readonly periodEnd: Scalars['DateTime']['output'];
  /** When it was made. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** What it is made of. */
  readonly lines: ReadonlyArray<InvoiceLine>;
  /** Stripe's page, to read and pay it. */
  readonly hostedUrl: Maybe<Scalars['String']['output']>;
  /** The same as a file. */
  readonly pdfUrl: Maybe<Scalars['String']['output']>;
};

/** A payment that a customer's bank takes back, or asks about. */
export type Dispute = {
  readonly __typename?: 'Dispute';
  /** Stripe's. */
  readonly id: Scalars['ID']['output'];
  /** Of the invoice whose payment it is; null for a payment of none. */
  readonly invoiceId: Maybe<Scalars['ID']['output']>;
  /** What is contested. */
  readonly amount: Money;
  /** The bank's, in Stripe's words: fraudulent, product_not_received, … */
  readonly reason: Scalars['String']['output'];
  /** How it stands. */
  readonly status: DisputeStatus;
  /** Until when the bank takes an answer; null where it takes none. */
  readonly respondBy: Maybe<Scalars['DateTime']['output']>;
  /** When it began. */
  readonly createdAt: Scalars['DateTime']['output'];
};

/** How a dispute stands. */
export type DisputeStatus =
  /** The bank waits for an answer of the vendor's. */
  | 'NEEDS_RESPONSE'
  /** The bank decides. */
  | 'UNDER_REVIEW'
  /** The money came back. */
  | 'WON'
  /** The money is gone. */
  | 'LOST'
  /** A question that was settled, or a dispute that was prevented: no money moved. */
  | 'CLOSED';

/** How an invoice stands, in Stripe's words. */
export type InvoiceStatus =
  /** It may still change. */
  | 'DRAFT'
  /** To be paid. */
  | 'OPEN'
  /** Paid, or nothing was due. */
  | 'PAID'
  /** Given up. */
  | 'UNCOLLECTIBLE'
  /** Taken back. */
  | 'VOID';

/** One line of a bill. */
export type InvoiceLine = {
  readonly __typename?: 'InvoiceLine';
  /** As it stands on it. */
  readonly description: Scalars['String']['output'];
  /** In billed units; null where there is none. */
  readonly quantity: Maybe<Scalars['SafeInt']['output']>;
  /** Below zero is a credit. */
  readonly amount: Money;
  /** What was measured; null on a base price or a credit. */
  readonly meter: Maybe<Meter>;
  /** Where the quantity comes from, down to the hours and the reports; null on what no meter measured. */
  readonly usage: Maybe<MeteredPeriod>;
  /** On a line that bills, or credits, what was known of an earlier period only after its own invoice. */
  readonly trueUp: Maybe<UsageTrueUp>;
};

/**
 * What one meter came to in one billing period, from an invoice line down to the reports. A report counts in the hour that its interval ends in;
 * counters add up over hours and instances; of a gauge each instance gives its highest value of the hour, and the highest hour counts. The units
 * of the period's own invoice and of its true-ups add up to the quantity in billed units: started units count.
 */
export type MeteredPeriod = {
  readonly __typename?: 'MeteredPeriod';
  /** Whose. */
  readonly customerId: Scalars['ID']['output'];
  /** Which. */
  readonly meter: Meter;
  /** When the billing period began. */
  readonly periodStart: Scalars['DateTime']['output'];
  /** What is billed of this meter: devices, 1,000 messages, GB; null for one that no plan bills. */
  readonly unit: Maybe<Scalars['String']['output']>;
  /** What the period's own invoice counted, in billed units; null before that invoice is final, and for a period that is not billed. */
  readonly billedUnits: Maybe<Scalars['SafeInt']['output']>;
  /** What was billed, or credited, since: late reports, corrections, what did not reach Stripe in time. Oldest first. */
  readonly trueUps: Maybe<ReadonlyArray<UsageTrueUp>>;
};

/** A difference to an invoice that was final already, billed under the prices of its own period. */
export type UsageTrueUp = {
  readonly __typename?: 'UsageTrueUp';
  /** Unique among true-ups. */
  readonly id: Scalars['ID']['output'];
  /** Billed before it, and with it, in billed units. */
  readonly fromUnits: Scalars['SafeInt']['output'];
  /** With it, in billed units. */
  readonly toUnits: Scalars['SafeInt']['output'];
  /** Below zero is a credit. */
  readonly amount: Money;
  /** As it stands on the invoice. */
  readonly description: Scalars['String']['output'];
  /** How far it is. */
  readonly status: UsageTrueUpStatus;
  /** When it was decided. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** The invoice that has it; null while it waits for one. */
  readonly invoiceId: Maybe<Scalars['ID']['output']>;
};

/** PENDING: on its way to Stripe. SENT: with Stripe, for the next invoice. FREE: within what the plan includes. REJECTED: Stripe refuses it, an operator must look. */
export type UsageTrueUpStatus =
  /** On its way to Stripe. */
  | 'PENDING'
  /** With Stripe, for the next invoice. */
  | 'SENT'
  /** Within what the plan includes. */
  | 'FREE'
  /** Stripe refuses it: an operator must look. */
  | 'REJECTED';

/** A page of invoices. */
export type InvoiceConnection = {
  readonly __typename?: 'InvoiceConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<InvoiceEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
};

/** An entry of a page. */
export type InvoiceEdge = {
  readonly __typename?: 'InvoiceEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: Invoice;
};

/** What Stripe would charge for the current period if it ended now. */
export type InvoicePreview = {
  readonly __typename?: 'InvoicePreview';
  /** Before any credit that the customer has with us. */
  readonly total: Money;
  /** When the billing period began. */
  readonly periodStart: Scalars['DateTime']['output'];
  /** When it ends, or ended. */
  readonly periodEnd: Scalars['DateTime']['output'];
  /** What it is made of. */
  readonly lines: ReadonlyArray<InvoiceLine>;
  /** Who computed these lines: Stripe, or the control plane where Stripe does not answer or is not asked (live). */
  readonly source: PreviewSource;
  /** The same figure from our own price book and the usage that Stripe was told of. Where it differs from Stripe's, the operator is alarmed. */
  readonly computedTotal: Money;
};

/** Who computed a preview. */
export type PreviewSource =
  /** Stripe did. */
  | 'STRIPE'
  /** We did, from our price book. */
  | 'CONTROL_PLANE';

/** Which usage plans are compared by. */
export type QuoteBasis =
  /** What was measured in the current period until now. Early in a period that is a small part of what will be billed. */
  | 'SO_FAR'
  /** What a whole month is expected to come to: of a state (devices, storage) the peak so far, of a counter its part of the month scaled up. In the first quarter of the month it is at least what the last period came to. */
  | 'PROJECTED'
  /** What the last whole period came to. A customer who has none is compared by PROJECTED. */
  | 'LAST_PERIOD';

/** The usage of one period on a plan. */
export type PlanQuote = {
  readonly __typename?: 'PlanQuote';
  /** Which. */
  readonly plan: Plan;
  /** By which usage it was made: PROJECTED where LAST_PERIOD was asked for and there was none. */
  readonly basis: QuoteBasis;
  /** Whether the plan's limits leave room for what the customer has now. changePlan refuses a plan that does not fit. */
  readonly fits: Scalars['Boolean']['output'];
  /** The limits that the customer exceeds now; empty where the plan fits. */
  readonly doesNotFit: ReadonlyArray<LimitExceeded>;
  /** What the period would cost on it. */
  readonly total: Money;
  /** To the plan at hand; below zero it would be cheaper. */
  readonly difference: Money;
  /** What the total is made of. */
  readonly lines: ReadonlyArray<InvoiceLine>;
};

/** A limit of a plan that a customer exceeds. */
export type LimitExceeded = {
  readonly __typename?: 'LimitExceeded';
  /** Its name, as in the license: maxDevices. */
  readonly limit: Scalars['String']['output'];
  /** What the plan allows, with what an operator overrode. */
  readonly allowed: Scalars['SafeInt']['output'];
  /** What the customer has: of devices, the peak of the period that was measured last. */
  readonly current: Scalars['SafeInt']['output'];
};

/** What the vendor earns and what needs a look, as of now. */
export type BillingOverview = {
  readonly __typename?: 'BillingOverview';
  /** Monthly recurring revenue: the base prices of active and past-due subscriptions, net of discounts that recur. */
  readonly mrr: Money;
  /** Customers by the status of their subscription; states that nobody is in are absent. */
  readonly byStatus: ReadonlyArray<StatusCustomers>;
  /** Customers by their plan; plans that nobody is on are absent. */
  readonly byPlan: ReadonlyArray<PlanCustomers>;
  /** Trials that end within seven days and have no paid plan behind them. */
  readonly trialsEndingSoon: Scalars['Int']['output'];
  /** Stripe events that are not done. */
  readonly webhooks: WebhookBacklog;
  /** Previews in which Stripe and our own price book disagreed, since this process started. */
  readonly pricingDifferences: Scalars['Int']['output'];
  /** Billing periods in which Stripe does not have what was reported and it does not go by itself: see reconciliationDifferences. */
  readonly meteringDifferences: Scalars['Int']['output'];
  /** Things at Stripe that others made with our customers, and that are left alone: see stripeFindings. */
  readonly stripeFindings: Scalars['Int']['output'];
  /** What customers owe, by currency; currencies in which nobody does are absent. */
  readonly owed: ReadonlyArray<OwedSum>;
  /** Payments that banks contest. */
  readonly disputes: OpenDisputes;
  /** Invoices that were not paid: open, or given up as uncollectible. */
  readonly unpaidInvoices: Scalars['Int']['output'];
  /** Quantities that Stripe does not have yet. */
  readonly metering: MeteringBacklog;
  /** Mails that did not go out. */
  readonly mails: MailBacklog;
};

/** What customers owe in one currency. */
export type OwedSum = {
  readonly __typename?: 'OwedSum';
  /** Of all open invoices. */
  readonly total: Money;
  /** How many. */
  readonly invoices: Scalars['Int']['output'];
  /** Of these, what nobody tries to be paid for by card any more: Stripe has given up, and the customer has its mail. */
  readonly uncollected: Money;
  /** How many. */
  readonly uncollectedInvoices: Scalars['Int']['output'];
  /** Of invoices that were marked as uncollectible. */
  readonly writtenOff: Money;
};

/** Payments that banks contest and that are not decided. */
export type OpenDisputes = {
  readonly __typename?: 'OpenDisputes';
  /** All of them. */
  readonly open: Scalars['Int']['output'];
  /** Those that wait for an answer of the vendor's. */
  readonly needResponse: Scalars['Int']['output'];
  /** The earliest until when a bank takes one; null when none is awaited. */
  readonly respondBy: Maybe<Scalars['DateTime']['output']>;
};

/** Quantities of meters that are to be sent to Stripe. */
export type MeteringBacklog = {
  readonly __typename?: 'MeteringBacklog';
  /** To be sent now. */
  readonly waiting: Scalars['Int']['output'];
  /** Of those, measured more than 15 minutes ago: sending them does not work. */
  readonly late: Scalars['Int']['output'];
};

/** Mails that were not sent. */
export type MailBacklog = {
  readonly __typename?: 'MailBacklog';
  /** To be sent, or sent again. */
  readonly waiting: Scalars['Int']['output'];
  /** Of those that wait; null when none does. */
  readonly oldestCreatedAt: Maybe<Scalars['DateTime']['output']>;
  /** Refused for good, or tried for three days, in the last 30 days. */
  readonly failed: Scalars['Int']['output'];
  /** Nobody knows whether they arrived, so they are not sent again; of the last 30 days. */
  readonly unknown: Scalars['Int']['output'];
};

/** How many stand like this. */
export type StatusCustomers = {
  readonly __typename?: 'StatusCustomers';
  /** How. */
  readonly status: SubscriptionStatus;
  /** How many. */
  readonly customers: Scalars['Int']['output'];
};

/** How many are on a plan. */
export type PlanCustomers = {
  readonly __typename?: 'PlanCustomers';
  /** Which. */
  readonly plan: Plan;
  /** How many. */
  readonly customers: Scalars['Int']['output'];
};

/** Stripe events that wait, or that failed. */
export type WebhookBacklog = {
  readonly __typename?: 'WebhookBacklog';
  /** Stored and not handled yet. */
  readonly received: Scalars['Int']['output'];
  /** Given up for now; replayWebhookEvent tries again. */
  readonly failed: Scalars['Int']['output'];
  /** Of those that wait; null when none does. */
  readonly oldestReceivedAt: Maybe<Scalars['DateTime']['output']>;
};

/** A contract's own terms, over those of the plan. */
export type EntitlementOverride = {
  readonly __typename?: 'EntitlementOverride';
  /** Switches that differ. */
  readonly features: ReadonlyArray<Feature>;
  /** Ceilings that differ. */
  readonly limits: ReadonlyArray<Limit>;
  /** Why, as the operator wrote it. */
  readonly reason: Scalars['String']['output'];
};

/** An event that Stripe told of. */
export type WebhookEvent = {
  readonly __typename?: 'WebhookEvent';
  /** Stripe's. */
  readonly id: Scalars['ID']['output'];
  /** Stripe's word for it. */
  readonly type: Scalars['String']['output'];
  /** What has come of it. */
  readonly status: WebhookEventStatus;
  /** How often it was tried. */
  readonly attempts: Scalars['Int']['output'];
  /** Why it failed, or why nothing was to be done. */
  readonly error: Maybe<Scalars['String']['output']>;
  /** Null where it is about no customer of ours. */
  readonly customerId: Maybe<Scalars['ID']['output']>;
  /** When it arrived first. */
  readonly receivedAt: Scalars['DateTime']['output'];
  /** When it was done with. */
  readonly handledAt: Maybe<Scalars['DateTime']['output']>;
};

/** What has come of an event. */
export type WebhookEventStatus =
  /** It waits. */
  | 'RECEIVED'
  /** Its customer was read again and applied. */
  | 'HANDLED'
  /** There was nothing to be done. */
  | 'IGNORED'
  /** It could not be applied. */
  | 'FAILED';

/** A page of webhook events. */
export type WebhookEventConnection = {
  readonly __typename?: 'WebhookEventConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<WebhookEventEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
};

/** An entry of a page. */
export type WebhookEventEdge = {
  readonly __typename?: 'WebhookEventEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: WebhookEvent;
};

/** One billing period of a customer, our side and Stripe's. All figures are in billed units, the ones that prices are per: a device, 1,000 messages, a GB, each started one counted. */
export type Reconciliation = {
  readonly __typename?: 'Reconciliation';
  /** Whose. */
  readonly customerId: Scalars['ID']['output'];
  /** When the period began. */
  readonly periodStart: Scalars['DateTime']['output'];
  /** Whether Stripe has of every meter what was reported. */
  readonly balanced: Scalars['Boolean']['output'];
  /** When both sides were read. */
  readonly checkedAt: Scalars['DateTime']['output'];
  /** When the difference was found first; null when balanced. */
  readonly differsSince: Maybe<Scalars['DateTime']['output']>;
  /** Meter by meter. */
  readonly meters: ReadonlyArray<MeterReconciliation>;
};

/** In billed units; reported = sent + pending. */
export type MeterReconciliation = {
  readonly __typename?: 'MeterReconciliation';
  /** Which. */
  readonly meter: Meter;
  /** What the customer's instances used in the period. */
  readonly reported: Scalars['SafeInt']['output'];
  /** What Stripe was told last, whatever it said to that. */
  readonly sent: Scalars['SafeInt']['output'];
  /** What is reported and was not sent; below 0 after a correction. */
  readonly pending: Scalars['SafeInt']['output'];
  /** What Stripe counts; a fraction, which others may have sent, is rounded. */
  readonly stripe: Scalars['SafeInt']['output'];
  /** Why Stripe does not have what was reported; null where it has. */
  readonly cause: Maybe<ReconciliationCause>;
  /** The cause in a sentence, with its figures. */
  readonly explanation: Maybe<Scalars['String']['output']>;
};

/** Why Stripe does not have what was reported. */
export type ReconciliationCause =
  /** It is on its way: normal for some minutes. */
  | 'WAITING'
  /** Telling Stripe was begun, and how that ended is not known. */
  | 'SENDING_UNKNOWN'
  /** Stripe refused it. */
  | 'REJECTED'
  /** Stripe took it and does not have it. */
  | 'STRIPE_LOST'
  /** Stripe has more than it was told: somebody else sends events for this customer, or a correction was lost. */
  | 'STRIPE_HAS_MORE'
  /** Stripe does not bill this customer: not yet, no more, or by contract outside it. */
  | 'NOT_AT_STRIPE';

/** A page of reconciliations. */
export type ReconciliationConnection = {
  readonly __typename?: 'ReconciliationConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<ReconciliationEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
};

/** An entry of a page. */
export type ReconciliationEdge = {
  readonly __typename?: 'ReconciliationEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: Reconciliation;
};

/** Something at Stripe that others made with a customer of ours. It goes from the list when it goes from Stripe. */
export type StripeFinding = {
  readonly __typename?: 'StripeFinding';
  /** Whose. */
  readonly customerId: Scalars['ID']['output'];
  /** Of which kind. */
  readonly kind: StripeFindingKind;
  /** Stripe's id of it. */
  readonly objectId: Scalars['String']['output'];
  /** What was found, in a sentence. */
  readonly detail: Scalars['String']['output'];
  /** When it was seen first. */
  readonly foundAt: Scalars['DateTime']['output'];
};

/** What others may have made at Stripe. */
export type StripeFindingKind =
  /** No price of the customer's subscription says which plan it is: the last known plan stays. */
  | 'PLAN_NOT_SHOWN'
  /** A price names a price book that is not known here. */
  | 'UNKNOWN_BOOK'
  /** A price names a plan that is not known here. */
  | 'UNKNOWN_PLAN'
  /** A price names a meter that no plan bills. */
  | 'UNKNOWN_METER'
  /** An item on the customer's subscription whose price is none of ours. */
  | 'FOREIGN_ITEM'
  /** A subscription of the same customer that has nothing of ours. */
  | 'FOREIGN_SUBSCRIPTION'
  /** The customer was deleted at Stripe. */
  | 'CUSTOMER_DELETED'
  /** Stripe has no such customer, as with the key of another account. */
  | 'CUSTOMER_MISSING';

/** A page of findings. */
export type StripeFindingConnection = {
  readonly __typename?: 'StripeFindingConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<StripeFindingEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
};

/** An entry of a page. */
export type StripeFindingEdge = {
  readonly __typename?: 'StripeFindingEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: StripeFinding;
};

/** What `createCheckoutSession` is told. */
export type CreateCheckoutSessionInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** One with a price. */
  readonly plan: PlanKey;
  /** Where the browser goes once it is paid; {CHECKOUT_SESSION_ID} is filled in. */
  readonly successUrl: Scalars['String']['input'];
  /** Where the browser goes when the page is left. */
  readonly cancelUrl: Scalars['String']['input'];
  /** As the customer typed it; blanks around it mean nothing. */
  readonly promotionCode?: InputMaybe<Scalars['String']['input']>;
  /** Operator only: open it also for a plan that the customer does not fit. */
  readonly force?: InputMaybe<Scalars['Boolean']['input']>;
};

/** What `createCheckoutSession` answers. */
export type CreateCheckoutSessionPayload = {
  readonly __typename?: 'CreateCheckoutSessionPayload';
  /** Stripe's. */
  readonly sessionId: Scalars['ID']['output'];
  /** The page to open; it expires within a day. */
  readonly url: Scalars['String']['output'];
};

/** What `createPortalSession` is told. */
export type CreatePortalSessionInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** Where the page's way back leads. */
  readonly returnUrl: Scalars['String']['input'];
};

/** What `createPortalSession` answers. */
export type CreatePortalSessionPayload = {
  readonly __typename?: 'CreatePortalSessionPayload';
  /** The page to open; it is for this customer alone. */
  readonly url: Scalars['String']['output'];
};

/** What `changePlan` is told. */
export type ChangePlanInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** The one to be on. */
  readonly plan: PlanKey;
  /** Operator only: change it also to a plan that the customer does not fit. */
  readonly force?: InputMaybe<Scalars['Boolean']['input']>;
};

/** What `changePlan` answers. */
export type ChangePlanPayload = {
  readonly __typename?: 'ChangePlanPayload';
  /** As it stands afterwards. */
  readonly subscription: BillingSubscription;
};

/** What `cancelSubscription` is told. */
export type CancelSubscriptionInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** false ends it at once. */
  readonly atPeriodEnd?: InputMaybe<Scalars['Boolean']['input']>;
  /** Why, if the customer says. */
  readonly reason?: InputMaybe<Scalars['String']['input']>;
};

/** What `cancelSubscription` answers. */
export type CancelSubscriptionPayload = {
  readonly __typename?: 'CancelSubscriptionPayload';
  /** As it stands afterwards. */
  readonly subscription: BillingSubscription;
};

/** What `resumeSubscription` is told. */
export type ResumeSubscriptionInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
};

/** What `resumeSubscription` answers. */
export type ResumeSubscriptionPayload = {
  readonly __typename?: 'ResumeSubscriptionPayload';
  /** As it stands afterwards. */
  readonly subscription: BillingSubscription;
};

/** What `startTrial` is told. */
export type StartTrialInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** What the trial grants. */
  readonly plan?: InputMaybe<PlanKey>;
  /** 1 to 365. */
  readonly days?: InputMaybe<Scalars['Int']['input']>;
};

/** What `startTrial` answers. */
export type StartTrialPayload = {
  readonly __typename?: 'StartTrialPayload';
  /** As it stands afterwards. */
  readonly subscription: BillingSubscription;
};

/** What `overrideEntitlements` is told. */
export type OverrideEntitlementsInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** In place of all that was overridden of features; absent leaves them. */
  readonly features?: InputMaybe<ReadonlyArray<FeatureInput>>;
  /** In place of all that was overridden of limits; absent leaves them. */
  readonly limits?: InputMaybe<ReadonlyArray<LimitInput>>;
  /** Why: it is kept beside the change. */
  readonly reason: Scalars['String']['input'];
};

/** A switch that an operator sets. */
export type FeatureInput = {
  /** Its name, as in the license. */
  readonly key: Scalars['String']['input'];
  /** Whether it is granted. */
  readonly enabled: Scalars['Boolean']['input'];
};

/** A ceiling that an operator sets. */
export type LimitInput = {
  /** Its name, as in the license. */
  readonly key: Scalars['String']['input'];
  /** A whole number from 0 on; null is unlimited. */
  readonly value?: InputMaybe<Scalars['SafeInt']['input']>;
};

/** What `overrideEntitlements` answers. */
export type OverrideEntitlementsPayload = {
  readonly __typename?: 'OverrideEntitlementsPayload';
  /** As it stands afterwards. */
  readonly subscription: BillingSubscription;
};

/** What `replayWebhookEvent` is told. */
export type ReplayWebhookEventInput = {
  /** Stripe's, of an event that is stored. */
  readonly id: Scalars['ID']['input'];
};

/** What `replayWebhookEvent` answers. */
export type ReplayWebhookEventPayload = {
  readonly __typename?: 'ReplayWebhookEventPayload';
  /** Queued once more. */
  readonly webhookEvent: WebhookEvent;
};

/** What `repairMetering` is told. */
export type RepairMeteringInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
};

/** What `repairMetering` answers. */
export type RepairMeteringPayload = {
  readonly __typename?: 'RepairMeteringPayload';
  /** As it stands afterwards. */
  readonly reconciliation: Reconciliation;
  /** The meters of which Stripe was told anew. */
  readonly repaired: ReadonlyArray<Meter>;
};

/** How the catalogue is brought to Stripe. */
export type SyncCatalogueInput = {
  /** Only tell what would be done. */
  readonly dryRun?: InputMaybe<Scalars['Boolean']['input']>;
};

/** What was done, or would be. */
export type SyncCataloguePayload = {
  readonly __typename?: 'SyncCataloguePayload';
  /** Everything that the catalogue needs at Stripe, what was there already too. */
  readonly changes: ReadonlyArray<CatalogueChange>;
};

/** One thing at Stripe, and what became of it. */
export type CatalogueChange = {
  readonly __typename?: 'CatalogueChange';
  /** What it is at Stripe. */
  readonly kind: CatalogueItemKind;
  /** Our own name for it at Stripe: a meter's event name, a product's id, a price's lookup key. */
  readonly key: Scalars['String']['output'];
  /** What was done with it. */
  readonly action: CatalogueAction;
};

/** The kinds of things that the catalogue needs at Stripe. */
export type CatalogueItemKind =
  /** Counts what customers use. */
  | 'METER'
  /** A plan, as invoices name it. */
  | 'PRODUCT'
  /** What a plan or a unit of usage costs. */
  | 'PRICE'
  /** The settings of the customers' own page. */
  | 'PORTAL';

/** REPLACED: an amount cannot be changed, so that another price was made, which the lookup key names from now on. */
export type CatalogueAction =
  /** It was not there. */
  | 'CREATED'
  /** It was right as it stood. */
  | 'KEPT'
  /** Another one took its place and its name. */
  | 'REPLACED'
  /** It was there, and said something else. */
  | 'UPDATED';

/** What `updateMailPreferences` is told. What is absent stays as it is. */
export type UpdateMailPreferencesInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** When 80 % of what is included or allowed is used. */
  readonly usageWarnings?: InputMaybe<Scalars['Boolean']['input']>;
  /** When usage is far above what is usual, an instance falls silent, or two agents report under one name. */
  readonly usageAnomalies?: InputMaybe<Scalars['Boolean']['input']>;
  /** When a deployment failed. */
  readonly deployments?: InputMaybe<Scalars['Boolean']['input']>;
};

/** What `updateMailPreferences` answers. */
export type UpdateMailPreferencesPayload = {
  readonly __typename?: 'UpdateMailPreferencesPayload';
  /** As they are afterwards. */
  readonly mailPreferences: MailPreferences;
};

export type Link__Purpose =
  /** `SECURITY` features provide metadata necessary to securely resolve fields. */
  | 'SECURITY'
  /** `EXECUTION` features provide metadata necessary for operation execution. */
  | 'EXECUTION';



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  Plan: Plan;
  Customer: Customer;
  BillingSubscription: BillingSubscription;
  MeteredPeriod: MeteredPeriod;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Plan:
    ( { __typename: 'Plan' }
    & GraphQLRecursivePick<FederationTypes['Plan'], {"key":true}> );
  Customer:
    ( { __typename: 'Customer' }
    & GraphQLRecursivePick<FederationTypes['Customer'], {"id":true}>
    & ( Record<PropertyKey, never>
        | GraphQLRecursivePick<FederationTypes['Customer'], {"createdAt":true}>
        | GraphQLRecursivePick<FederationTypes['Customer'], {"createdAt":true}>
        | GraphQLRecursivePick<FederationTypes['Customer'], {"createdAt":true}> ) );
  BillingSubscription:
    ( { __typename: 'BillingSubscription' }
    & GraphQLRecursivePick<FederationTypes['BillingSubscription'], {"id":true}> );
  MeteredPeriod:
    ( { __typename: 'MeteredPeriod' }
    & GraphQLRecursivePick<FederationTypes['MeteredPeriod'], {"customerId":true,"meter":true,"periodStart":true}> );
};

/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  _Entity:
    | ( SubscriptionState )
    | ( CustomerReference )
    | ( MeteredPeriodKey )
    | ( CataloguePlan )
  ;
};


/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  SafeInt: ResolverTypeWrapper<Scalars['SafeInt']['output']>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  PlanKey: PlanKey;
  Plan: ResolverTypeWrapper<CataloguePlan>;
  Money: ResolverTypeWrapper<Money>;
  Entitlements: ResolverTypeWrapper<EntitlementValues>;
  Feature: ResolverTypeWrapper<Feature>;
  Limit: ResolverTypeWrapper<Limit>;
  IncludedQuantity: ResolverTypeWrapper<IncludedQuantity>;
  Meter: Meter;
  MeteredPrice: ResolverTypeWrapper<MeteredPrice>;
  PricingModel: PricingModel;
  PriceTier: ResolverTypeWrapper<PriceTier>;
  Customer: ResolverTypeWrapper<CustomerReference>;
  MailPreferences: ResolverTypeWrapper<MailPreferences>;
  BillingSubscription: ResolverTypeWrapper<SubscriptionState>;
  SubscriptionStatus: SubscriptionStatus;
  Invoice: ResolverTypeWrapper<InvoiceCopy>;
  Dispute: ResolverTypeWrapper<PaymentDispute>;
  DisputeStatus: DisputeStatus;
  InvoiceStatus: InvoiceStatus;
  InvoiceLine: ResolverTypeWrapper<InvoiceLineOfCustomer>;
  MeteredPeriod: ResolverTypeWrapper<MeteredPeriodKey>;
  UsageTrueUp: ResolverTypeWrapper<TrueUp>;
  UsageTrueUpStatus: UsageTrueUpStatus;
  InvoiceConnection: ResolverTypeWrapper<Omit<InvoiceConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['InvoiceEdge']> }>;
  InvoiceEdge: ResolverTypeWrapper<Omit<InvoiceEdge, 'node'> & { node: ResolversTypes['Invoice'] }>;
  InvoicePreview: ResolverTypeWrapper<PreviewedInvoice>;
  PreviewSource: PreviewSource;
  QuoteBasis: QuoteBasis;
  PlanQuote: ResolverTypeWrapper<Quote>;
  LimitExceeded: ResolverTypeWrapper<LimitExceeded>;
  BillingOverview: ResolverTypeWrapper<Overview>;
  OwedSum: ResolverTypeWrapper<SumOwed>;
  OpenDisputes: ResolverTypeWrapper<OpenDisputes>;
  MeteringBacklog: ResolverTypeWrapper<MeteringBacklog>;
  MailBacklog: ResolverTypeWrapper<MailBacklog>;
  StatusCustomers: ResolverTypeWrapper<StatusCustomers>;
  PlanCustomers: ResolverTypeWrapper<PlanCount>;
  WebhookBacklog: ResolverTypeWrapper<WebhookBacklog>;
  EntitlementOverride: ResolverTypeWrapper<OverrideValues>;
  WebhookEvent: ResolverTypeWrapper<WebhookEventRow>;
  WebhookEventStatus: WebhookEventStatus;
  WebhookEventConnection: ResolverTypeWrapper<Omit<WebhookEventConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['WebhookEventEdge']> }>;
  WebhookEventEdge: ResolverTypeWrapper<Omit<WebhookEventEdge, 'node'> & { node: ResolversTypes['WebhookEvent'] }>;
  Reconciliation: ResolverTypeWrapper<PeriodReconciliation>;
  MeterReconciliation: ResolverTypeWrapper<MeterReconciliation>;
  ReconciliationCause: ReconciliationCause;
  ReconciliationConnection: ResolverTypeWrapper<Omit<ReconciliationConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['ReconciliationEdge']> }>;
  ReconciliationEdge: ResolverTypeWrapper<Omit<ReconciliationEdge, 'node'> & { node: ResolversTypes['Reconciliation'] }>;
  StripeFinding: ResolverTypeWrapper<StripeFinding>;
  StripeFindingKind: StripeFindingKind;
  StripeFindingConnection: ResolverTypeWrapper<StripeFindingConnection>;
  StripeFindingEdge: ResolverTypeWrapper<StripeFindingEdge>;
  CreateCheckoutSessionInput: CreateCheckoutSessionInput;
  CreateCheckoutSessionPayload: ResolverTypeWrapper<CreateCheckoutSessionPayload>;
  CreatePortalSessionInput: CreatePortalSessionInput;
  CreatePortalSessionPayload: ResolverTypeWrapper<CreatePortalSessionPayload>;
  ChangePlanInput: ChangePlanInput;
  ChangePlanPayload: ResolverTypeWrapper<Omit<ChangePlanPayload, 'subscription'> & { subscription: ResolversTypes['BillingSubscription'] }>;
  CancelSubscriptionInput: CancelSubscriptionInput;
  CancelSubscriptionPayload: ResolverTypeWrapper<Omit<CancelSubscriptionPayload, 'subscription'> & { subscription: ResolversTypes['BillingSubscription'] }>;
  ResumeSubscriptionInput: ResumeSubscriptionInput;
  ResumeSubscriptionPayload: ResolverTypeWrapper<Omit<ResumeSubscriptionPayload, 'subscription'> & { subscription: ResolversTypes['BillingSubscription'] }>;
  StartTrialInput: StartTrialInput;
  StartTrialPayload: ResolverTypeWrapper<Omit<StartTrialPayload, 'subscription'> & { subscription: ResolversTypes['BillingSubscription'] }>;
  OverrideEntitlementsInput: OverrideEntitlementsInput;
  FeatureInput: FeatureInput;
  LimitInput: LimitInput;
  OverrideEntitlementsPayload: ResolverTypeWrapper<Omit<OverrideEntitlementsPayload, 'subscription'> & { subscription: ResolversTypes['BillingSubscription'] }>;
  ReplayWebhookEventInput: ReplayWebhookEventInput;
  ReplayWebhookEventPayload: ResolverTypeWrapper<Omit<ReplayWebhookEventPayload, 'webhookEvent'> & { webhookEvent: ResolversTypes['WebhookEvent'] }>;
  RepairMeteringInput: RepairMeteringInput;
  RepairMeteringPayload: ResolverTypeWrapper<Omit<RepairMeteringPayload, 'reconciliation'> & { reconciliation: ResolversTypes['Reconciliation'] }>;
  SyncCatalogueInput: SyncCatalogueInput;
  SyncCataloguePayload: ResolverTypeWrapper<SyncCataloguePayload>;
  CatalogueChange: ResolverTypeWrapper<CatalogueChange>;
  CatalogueItemKind: CatalogueItemKind;
  CatalogueAction: CatalogueAction;
  UpdateMailPreferencesInput: UpdateMailPreferencesInput;
  UpdateMailPreferencesPayload: ResolverTypeWrapper<UpdateMailPreferencesPayload>;
  link__Purpose: Link__Purpose;
  link__Import: ResolverTypeWrapper<Scalars['link__Import']['output']>;
  federation__FieldSet: ResolverTypeWrapper<Scalars['federation__FieldSet']['output']>;
  federation__Scope: ResolverTypeWrapper<Scalars['federation__Scope']['output']>;
  federation__Policy: ResolverTypeWrapper<Scalars['federation__Policy']['output']>;
  federation__ContextFieldValue: ResolverTypeWrapper<Scalars['federation__ContextFieldValue']['output']>;
  _Any: ResolverTypeWrapper<Scalars['_Any']['output']>;
  _Service: ResolverTypeWrapper<_Service>;
  _Entity: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['_Entity']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Scalars['DateTime']['output'];
  SafeInt: Scalars['SafeInt']['output'];
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  ID: Scalars['ID']['output'];
  Mutation: Record<PropertyKey, never>;
  Subscription: Record<PropertyKey, never>;
  Plan: CataloguePlan;
  Money: Money;
  Entitlements: EntitlementValues;
  Feature: Feature;
  Limit: Limit;
  IncludedQuantity: IncludedQuantity;
  MeteredPrice: MeteredPrice;
  PriceTier: PriceTier;
  Customer: CustomerReference;
  MailPreferences: MailPreferences;
  BillingSubscription: SubscriptionState;
  Invoice: InvoiceCopy;
  Dispute: PaymentDispute;
  InvoiceLine: InvoiceLineOfCustomer;
  MeteredPeriod: MeteredPeriodKey;
  UsageTrueUp: TrueUp;
  InvoiceConnection: Omit<InvoiceConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['InvoiceEdge']> };
  InvoiceEdge: Omit<InvoiceEdge, 'node'> & { node: ResolversParentTypes['Invoice'] };
  InvoicePreview: PreviewedInvoice;
  PlanQuote: Quote;
  LimitExceeded: LimitExceeded;
  BillingOverview: Overview;
  OwedSum: SumOwed;
  OpenDisputes: OpenDisputes;
  MeteringBacklog: MeteringBacklog;
  MailBacklog: MailBacklog;
  StatusCustomers: StatusCustomers;
  PlanCustomers: PlanCount;
  WebhookBacklog: WebhookBacklog;
  EntitlementOverride: OverrideValues;
  WebhookEvent: WebhookEventRow;
  WebhookEventConnection: Omit<WebhookEventConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['WebhookEventEdge']> };
  WebhookEventEdge: Omit<WebhookEventEdge, 'node'> & { node: ResolversParentTypes['WebhookEvent'] };
  Reconciliation: PeriodReconciliation;
  MeterReconciliation: MeterReconciliation;
  ReconciliationConnection: Omit<ReconciliationConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['ReconciliationEdge']> };
  ReconciliationEdge: Omit<ReconciliationEdge, 'node'> & { node: ResolversParentTypes['Reconciliation'] };
  StripeFinding: StripeFinding;
  StripeFindingConnection: StripeFindingConnection;
  StripeFindingEdge: StripeFindingEdge;
  CreateCheckoutSessionInput: CreateCheckoutSessionInput;
  CreateCheckoutSessionPayload: CreateCheckoutSessionPayload;
  CreatePortalSessionInput: CreatePortalSessionInput;
  CreatePortalSessionPayload: CreatePortalSessionPayload;
  ChangePlanInput: ChangePlanInput;
  ChangePlanPayload: Omit<ChangePlanPayload, 'subscription'> & { subscription: ResolversParentTypes['BillingSubscription'] };
  CancelSubscriptionInput: CancelSubscriptionInput;
  CancelSubscriptionPayload: Omit<CancelSubscriptionPayload, 'subscription'> & { subscription: ResolversParentTypes['BillingSubscription'] };
  ResumeSubscriptionInput: ResumeSubscriptionInput;
  ResumeSubscriptionPayload: Omit<ResumeSubscriptionPayload, 'subscription'> & { subscription: ResolversParentTypes['BillingSubscription'] };
  StartTrialInput: StartTrialInput;
  StartTrialPayload: Omit<StartTrialPayload, 'subscription'> & { subscription: ResolversParentTypes['BillingSubscription'] };
  OverrideEntitlementsInput: OverrideEntitlementsInput;
  FeatureInput: FeatureInput;
  LimitInput: LimitInput;
  OverrideEntitlementsPayload: Omit<OverrideEntitlementsPayload, 'subscription'> & { subscription: ResolversParentTypes['BillingSubscription'] };
  ReplayWebhookEventInput: ReplayWebhookEventInput;
  ReplayWebhookEventPayload: Omit<ReplayWebhookEventPayload, 'webhookEvent'> & { webhookEvent: ResolversParentTypes['WebhookEvent'] };
  RepairMeteringInput: RepairMeteringInput;
  RepairMeteringPayload: Omit<RepairMeteringPayload, 'reconciliation'> & { reconciliation: ResolversParentTypes['Reconciliation'] };
  SyncCatalogueInput: SyncCatalogueInput;
  SyncCataloguePayload: SyncCataloguePayload;
  CatalogueChange: CatalogueChange;
  UpdateMailPreferencesInput: UpdateMailPreferencesInput;
  UpdateMailPreferencesPayload: UpdateMailPreferencesPayload;
  link__Import: Scalars['link__Import']['output'];
  federation__FieldSet: Scalars['federation__FieldSet']['output'];
  federation__Scope: Scalars['federation__Scope']['output'];
  federation__Policy: Scalars['federation__Policy']['output'];
  federation__ContextFieldValue: Scalars['federation__ContextFieldValue']['output'];
  _Any: Scalars['_Any']['output'];
  _Service: _Service;
  _Entity: ResolversUnionTypes<ResolversParentTypes>['_Entity'];
  String: Scalars['String']['output'];
  Boolean: Scalars['Boolean']['output'];
  Int: Scalars['Int']['output'];
};

export type LinkDirectiveArgs = {
  url?: Maybe<Scalars['String']['input']>;
  as?: Maybe<Scalars['String']['input']>;
  for?: Maybe<Link__Purpose>;
  import?: Maybe<ReadonlyArray<Maybe<Scalars['link__Import']['input']>>>;
};

export type LinkDirectiveResolver<Result, Parent, ContextType = Context, Args = LinkDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ProvidesDirectiveArgs = {
  fields: Scalars['federation__FieldSet']['input'];
};

export type Federation__ProvidesDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ProvidesDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__TagDirectiveArgs = {
  name: Scalars['String']['input'];
};

export type Federation__TagDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__TagDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ExtendsDirectiveArgs = { };

export type Federation__ExtendsDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ExtendsDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ShareableDirectiveArgs = { };

export type ShareableDirectiveResolver<Result, Parent, ContextType = Context, Args = ShareableDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__InaccessibleDirectiveArgs = { };

export type Federation__InaccessibleDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__InaccessibleDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__OverrideDirectiveArgs = {
  from: Scalars['String']['input'];
  label?: Maybe<Scalars['String']['input']>;
};

export type Federation__OverrideDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__OverrideDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ComposeDirectiveDirectiveArgs = {
  name?: Maybe<Scalars['String']['input']>;
};

export type Federation__ComposeDirectiveDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ComposeDirectiveDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__InterfaceObjectDirectiveArgs = { };

export type Federation__InterfaceObjectDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__InterfaceObjectDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__AuthenticatedDirectiveArgs = { };

export type Federation__AuthenticatedDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__AuthenticatedDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__RequiresScopesDirectiveArgs = {
  scopes: ReadonlyArray<ReadonlyArray<Scalars['federation__Scope']['input']>>;
};

export type Federation__RequiresScopesDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__RequiresScopesDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__PolicyDirectiveArgs = {
  policies: ReadonlyArray<ReadonlyArray<Scalars['federation__Policy']['input']>>;
};

export type Federation__PolicyDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__PolicyDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ContextDirectiveArgs = {
  name: Scalars['String']['input'];
};

export type Federation__ContextDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ContextDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__FromContextDirectiveArgs = {
  field?: Maybe<Scalars['federation__ContextFieldValue']['input']>;
};

export type Federation__FromContextDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__FromContextDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__CostDirectiveArgs = {
  weight: Scalars['Int']['input'];
};

export type Federation__CostDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__CostDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ListSizeDirectiveArgs = {
  assumedSize?: Maybe<Scalars['Int']['input']>;
  slicingArguments?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  sizedFields?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  requireOneSlicingArgument?: Maybe<Scalars['Boolean']['input']>;
};

export type Federation__ListSizeDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ListSizeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export interface SafeIntScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['SafeInt'], any> {
  name: 'SafeInt';
}

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  plans?: Resolver<ReadonlyArray<ResolversTypes['Plan']>, ParentType, ContextType>;
  plan?: Resolver<Maybe<ResolversTypes['Plan']>, ParentType, ContextType, RequireFields<QueryPlanArgs, 'key'>>;
  webhookEvents?: Resolver<ResolversTypes['WebhookEventConnection'], ParentType, ContextType, RequireFields<QueryWebhookEventsArgs, 'first'>>;
  billingOverview?: Resolver<ResolversTypes['BillingOverview'], ParentType, ContextType>;
  reconciliation?: Resolver<ResolversTypes['Reconciliation'], ParentType, ContextType, RequireFields<QueryReconciliationArgs, 'customerId'>>;
  reconciliationDifferences?: Resolver<ResolversTypes['ReconciliationConnection'], ParentType, ContextType, RequireFields<QueryReconciliationDifferencesArgs, 'first'>>;
  stripeFindings?: Resolver<ResolversTypes['StripeFindingConnection'], ParentType, ContextType, RequireFields<QueryStripeFindingsArgs, 'first'>>;
  _entities?: Resolver<ReadonlyArray<Maybe<ResolversTypes['_Entity']>>, ParentType, ContextType, RequireFields<Query_EntitiesArgs, 'representations'>>;
  _service?: Resolver<ResolversTypes['_Service'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  createCheckoutSession?: Resolver<ResolversTypes['CreateCheckoutSessionPayload'], ParentType, ContextType, RequireFields<MutationCreateCheckoutSessionArgs, 'input'>>;
  createPortalSession?: Resolver<ResolversTypes['CreatePortalSessionPayload'], ParentType, ContextType, RequireFields<MutationCreatePortalSessionArgs, 'input'>>;
  changePlan?: Resolver<ResolversTypes['ChangePlanPayload'], ParentType, ContextType, RequireFields<MutationChangePlanArgs, 'input'>>;
  cancelSubscription?: Resolver<ResolversTypes['CancelSubscriptionPayload'], ParentType, ContextType, RequireFields<MutationCancelSubscriptionArgs, 'input'>>;
  resumeSubscription?: Resolver<ResolversTypes['ResumeSubscriptionPayload'], ParentType, ContextType, RequireFields<MutationResumeSubscriptionArgs, 'input'>>;
  startTrial?: Resolver<ResolversTypes['StartTrialPayload'], ParentType, ContextType, RequireFields<MutationStartTrialArgs, 'input'>>;
  overrideEntitlements?: Resolver<ResolversTypes['OverrideEntitlementsPayload'], ParentType, ContextType, RequireFields<MutationOverrideEntitlementsArgs, 'input'>>;
  replayWebhookEvent?: Resolver<ResolversTypes['ReplayWebhookEventPayload'], ParentType, ContextType, RequireFields<MutationReplayWebhookEventArgs, 'input'>>;
  repairMetering?: Resolver<ResolversTypes['RepairMeteringPayload'], ParentType, ContextType, RequireFields<MutationRepairMeteringArgs, 'input'>>;
  syncCatalogue?: Resolver<ResolversTypes['SyncCataloguePayload'], ParentType, ContextType, RequireFields<MutationSyncCatalogueArgs, 'input'>>;
  updateMailPreferences?: Resolver<ResolversTypes['UpdateMailPreferencesPayload'], ParentType, ContextType, RequireFields<MutationUpdateMailPreferencesArgs, 'input'>>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  subscriptionChanged?: SubscriptionResolver<ResolversTypes['BillingSubscription'], "subscriptionChanged", ParentType, ContextType, RequireFields<SubscriptionSubscriptionChangedArgs, 'customerId'>>;
  upcomingInvoiceChanged?: SubscriptionResolver<ResolversTypes['InvoicePreview'], "upcomingInvoiceChanged", ParentType, ContextType, RequireFields<SubscriptionUpcomingInvoiceChangedArgs, 'customerId'>>;
};

export type PlanResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Plan'] = ResolversParentTypes['Plan'], FederationReferenceType extends FederationReferenceTypes['Plan'] = FederationReferenceTypes['Plan']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Plan']> | FederationReferenceType, FederationReferenceType, ContextType>;
  key?: Resolver<ResolversTypes['PlanKey'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  price?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  entitlements?: Resolver<ResolversTypes['Entitlements'], ParentType, ContextType>;
  meteredPrices?: Resolver<ReadonlyArray<ResolversTypes['MeteredPrice']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MoneyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Money'] = ResolversParentTypes['Money']> = {
  amount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type EntitlementsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Entitlements'] = ResolversParentTypes['Entitlements']> = {
  features?: Resolver<ReadonlyArray<ResolversTypes['Feature']>, ParentType, ContextType>;
  limits?: Resolver<ReadonlyArray<ResolversTypes['Limit']>, ParentType, ContextType>;
  included?: Resolver<ReadonlyArray<ResolversTypes['IncludedQuantity']>, ParentType, ContextType>;
};

export type FeatureResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Feature'] = ResolversParentTypes['Feature']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type LimitResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Limit'] = ResolversParentTypes['Limit']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
};

export type IncludedQuantityResolvers<ContextType = Context, ParentType extends ResolversParentTypes['IncludedQuantity'] = ResolversParentTypes['IncludedQuantity']> = {
  meter?: Resolver<ResolversTypes['Meter'], ParentType, ContextType>;
  quantity?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
};

export type MeteredPriceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MeteredPrice'] = ResolversParentTypes['MeteredPrice']> = {
  meter?: Resolver<ResolversTypes['Meter'], ParentType, ContextType>;
  lookupKey?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  unit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['PricingModel'], ParentType, ContextType>;
  tiers?: Resolver<ReadonlyArray<ResolversTypes['PriceTier']>, ParentType, ContextType>;
};

export type PriceTierResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PriceTier'] = ResolversParentTypes['PriceTier']> = {
  upTo?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  unitAmountDecimal?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  flatAmount?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  packageSize?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
};

export type CustomerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Customer'] = ResolversParentTypes['Customer'], FederationReferenceType extends FederationReferenceTypes['Customer'] = FederationReferenceTypes['Customer']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Customer']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  subscription?: Resolver<Maybe<ResolversTypes['BillingSubscription']>, ParentType, ContextType>;
  invoices?: Resolver<Maybe<ResolversTypes['InvoiceConnection']>, ParentType, ContextType, RequireFields<CustomerInvoicesArgs, 'first'>>;
  upcomingInvoice?: Resolver<Maybe<ResolversTypes['InvoicePreview']>, ParentType, ContextType>;
  disputes?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Dispute']>>, ParentType, ContextType>;
  planComparison?: Resolver<Maybe<ReadonlyArray<ResolversTypes['PlanQuote']>>, ParentType, ContextType, RequireFields<CustomerPlanComparisonArgs, 'basis'>>;
  mailPreferences?: Resolver<Maybe<ResolversTypes['MailPreferences']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MailPreferencesResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MailPreferences'] = ResolversParentTypes['MailPreferences']> = {
  usageWarnings?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  usageAnomalies?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  deployments?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type BillingSubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BillingSubscription'] = ResolversParentTypes['BillingSubscription'], FederationReferenceType extends FederationReferenceTypes['BillingSubscription'] = FederationReferenceTypes['BillingSubscription']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['BillingSubscription']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
  plan?: Resolver<ResolversTypes['Plan'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['SubscriptionStatus'], ParentType, ContextType>;
  trialEndsAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  currentPeriodStart?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  currentPeriodEndsAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  cancelAtPeriodEnd?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  entitlements?: Resolver<ResolversTypes['Entitlements'], ParentType, ContextType>;
  override?: Resolver<Maybe<ResolversTypes['EntitlementOverride']>, ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type InvoiceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Invoice'] = ResolversParentTypes['Invoice']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  number?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['InvoiceStatus'], ParentType, ContextType>;
  subtotal?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  total?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  amountDue?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  dueAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  nextAttemptAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  disputed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  refunded?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  periodStart?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  periodEnd?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lines?: Resolver<ReadonlyArray<ResolversTypes['InvoiceLine']>, ParentType, ContextType>;
  hostedUrl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  pdfUrl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type DisputeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Dispute'] = ResolversParentTypes['Dispute']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  invoiceId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  amount?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['DisputeStatus'], ParentType, ContextType>;
  respondBy?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type InvoiceLineResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InvoiceLine'] = ResolversParentTypes['InvoiceLine']> = {
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  quantity?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  amount?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  meter?: Resolver<Maybe<ResolversTypes['Meter']>, ParentType, ContextType>;
  usage?: Resolver<Maybe<ResolversTypes['MeteredPeriod']>, ParentType, ContextType>;
  trueUp?: Resolver<Maybe<ResolversTypes['UsageTrueUp']>, ParentType, ContextType>;
};

export type MeteredPeriodResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MeteredPeriod'] = ResolversParentTypes['MeteredPeriod'], FederationReferenceType extends FederationReferenceTypes['MeteredPeriod'] = FederationReferenceTypes['MeteredPeriod']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['MeteredPeriod']> | FederationReferenceType, FederationReferenceType, ContextType>;
  customerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  meter?: Resolver<ResolversTypes['Meter'], ParentType, ContextType>;
  periodStart?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  unit?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  billedUnits?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  trueUps?: Resolver<Maybe<ReadonlyArray<ResolversTypes['UsageTrueUp']>>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type UsageTrueUpResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageTrueUp'] = ResolversParentTypes['UsageTrueUp']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  fromUnits?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  toUnits?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  amount?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['UsageTrueUpStatus'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  invoiceId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type InvoiceConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InvoiceConnection'] = ResolversParentTypes['InvoiceConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['InvoiceEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type InvoiceEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InvoiceEdge'] = ResolversParentTypes['InvoiceEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Invoice'], ParentType, ContextType>;
};

export type InvoicePreviewResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InvoicePreview'] = ResolversParentTypes['InvoicePreview']> = {
  total?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  periodStart?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  periodEnd?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lines?: Resolver<ReadonlyArray<ResolversTypes['InvoiceLine']>, ParentType, ContextType>;
  source?: Resolver<ResolversTypes['PreviewSource'], ParentType, ContextType>;
  computedTotal?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
};

export type PlanQuoteResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PlanQuote'] = ResolversParentTypes['PlanQuote']> = {
  plan?: Resolver<ResolversTypes['Plan'], ParentType, ContextType>;
  basis?: Resolver<ResolversTypes['QuoteBasis'], ParentType, ContextType>;
  fits?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  doesNotFit?: Resolver<ReadonlyArray<ResolversTypes['LimitExceeded']>, ParentType, ContextType>;
  total?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  difference?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  lines?: Resolver<ReadonlyArray<ResolversTypes['InvoiceLine']>, ParentType, ContextType>;
};

export type LimitExceededResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LimitExceeded'] = ResolversParentTypes['LimitExceeded']> = {
  limit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  allowed?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  current?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type BillingOverviewResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BillingOverview'] = ResolversParentTypes['BillingOverview']> = {
  mrr?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  byStatus?: Resolver<ReadonlyArray<ResolversTypes['StatusCustomers']>, ParentType, ContextType>;
  byPlan?: Resolver<ReadonlyArray<ResolversTypes['PlanCustomers']>, ParentType, ContextType>;
  trialsEndingSoon?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  webhooks?: Resolver<ResolversTypes['WebhookBacklog'], ParentType, ContextType>;
  pricingDifferences?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  meteringDifferences?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  stripeFindings?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  owed?: Resolver<ReadonlyArray<ResolversTypes['OwedSum']>, ParentType, ContextType>;
  disputes?: Resolver<ResolversTypes['OpenDisputes'], ParentType, ContextType>;
  unpaidInvoices?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  metering?: Resolver<ResolversTypes['MeteringBacklog'], ParentType, ContextType>;
  mails?: Resolver<ResolversTypes['MailBacklog'], ParentType, ContextType>;
};

export type OwedSumResolvers<ContextType = Context, ParentType extends ResolversParentTypes['OwedSum'] = ResolversParentTypes['OwedSum']> = {
  total?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  invoices?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  uncollected?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  uncollectedInvoices?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  writtenOff?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
};

export type OpenDisputesResolvers<ContextType = Context, ParentType extends ResolversParentTypes['OpenDisputes'] = ResolversParentTypes['OpenDisputes']> = {
  open?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  needResponse?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  respondBy?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type MeteringBacklogResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MeteringBacklog'] = ResolversParentTypes['MeteringBacklog']> = {
  waiting?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  late?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type MailBacklogResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MailBacklog'] = ResolversParentTypes['MailBacklog']> = {
  waiting?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  oldestCreatedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  failed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unknown?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type StatusCustomersResolvers<ContextType = Context, ParentType extends ResolversParentTypes['StatusCustomers'] = ResolversParentTypes['StatusCustomers']> = {
  status?: Resolver<ResolversTypes['SubscriptionStatus'], ParentType, ContextType>;
  customers?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type PlanCustomersResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PlanCustomers'] = ResolversParentTypes['PlanCustomers']> = {
  plan?: Resolver<ResolversTypes['Plan'], ParentType, ContextType>;
  customers?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type WebhookBacklogResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WebhookBacklog'] = ResolversParentTypes['WebhookBacklog']> = {
  received?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  failed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  oldestReceivedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type EntitlementOverrideResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EntitlementOverride'] = ResolversParentTypes['EntitlementOverride']> = {
  features?: Resolver<ReadonlyArray<ResolversTypes['Feature']>, ParentType, ContextType>;
  limits?: Resolver<ReadonlyArray<ResolversTypes['Limit']>, ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type WebhookEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WebhookEvent'] = ResolversParentTypes['WebhookEvent']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  type?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['WebhookEventStatus'], ParentType, ContextType>;
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  customerId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  receivedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  handledAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type WebhookEventConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WebhookEventConnection'] = ResolversParentTypes['WebhookEventConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['WebhookEventEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type WebhookEventEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['WebhookEventEdge'] = ResolversParentTypes['WebhookEventEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['WebhookEvent'], ParentType, ContextType>;
};

export type ReconciliationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Reconciliation'] = ResolversParentTypes['Reconciliation']> = {
  customerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  periodStart?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  balanced?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  checkedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  differsSince?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  meters?: Resolver<ReadonlyArray<ResolversTypes['MeterReconciliation']>, ParentType, ContextType>;
};

export type MeterReconciliationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MeterReconciliation'] = ResolversParentTypes['MeterReconciliation']> = {
  meter?: Resolver<ResolversTypes['Meter'], ParentType, ContextType>;
  reported?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  sent?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  pending?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  stripe?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  cause?: Resolver<Maybe<ResolversTypes['ReconciliationCause']>, ParentType, ContextType>;
  explanation?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ReconciliationConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReconciliationConnection'] = ResolversParentTypes['ReconciliationConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ReconciliationEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ReconciliationEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReconciliationEdge'] = ResolversParentTypes['ReconciliationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Reconciliation'], ParentType, ContextType>;
};

export type StripeFindingResolvers<ContextType = Context, ParentType extends ResolversParentTypes['StripeFinding'] = ResolversParentTypes['StripeFinding']> = {
  customerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['StripeFindingKind'], ParentType, ContextType>;
  objectId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  detail?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  foundAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type StripeFindingConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['StripeFindingConnection'] = ResolversParentTypes['StripeFindingConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['StripeFindingEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type StripeFindingEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['StripeFindingEdge'] = ResolversParentTypes['StripeFindingEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['StripeFinding'], ParentType, ContextType>;
};

export type CreateCheckoutSessionPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateCheckoutSessionPayload'] = ResolversParentTypes['CreateCheckoutSessionPayload']> = {
  sessionId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type CreatePortalSessionPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreatePortalSessionPayload'] = ResolversParentTypes['CreatePortalSessionPayload']> = {
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ChangePlanPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ChangePlanPayload'] = ResolversParentTypes['ChangePlanPayload']> = {
  subscription?: Resolver<ResolversTypes['BillingSubscription'], ParentType, ContextType>;
};

export type CancelSubscriptionPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CancelSubscriptionPayload'] = ResolversParentTypes['CancelSubscriptionPayload']> = {
  subscription?: Resolver<ResolversTypes['BillingSubscription'], ParentType, ContextType>;
};

export type ResumeSubscriptionPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ResumeSubscriptionPayload'] = ResolversParentTypes['ResumeSubscriptionPayload']> = {
  subscription?: Resolver<ResolversTypes['BillingSubscription'], ParentType, ContextType>;
};

export type StartTrialPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['StartTrialPayload'] = ResolversParentTypes['StartTrialPayload']> = {
  subscription?: Resolver<ResolversTypes['BillingSubscription'], ParentType, ContextType>;
};

export type OverrideEntitlementsPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['OverrideEntitlementsPayload'] = ResolversParentTypes['OverrideEntitlementsPayload']> = {
  subscription?: Resolver<ResolversTypes['BillingSubscription'], ParentType, ContextType>;
};

export type ReplayWebhookEventPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReplayWebhookEventPayload'] = ResolversParentTypes['ReplayWebhookEventPayload']> = {
  webhookEvent?: Resolver<ResolversTypes['WebhookEvent'], ParentType, ContextType>;
};

export type RepairMeteringPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RepairMeteringPayload'] = ResolversParentTypes['RepairMeteringPayload']> = {
  reconciliation?: Resolver<ResolversTypes['Reconciliation'], ParentType, ContextType>;
  repaired?: Resolver<ReadonlyArray<ResolversTypes['Meter']>, ParentType, ContextType>;
};

export type SyncCataloguePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SyncCataloguePayload'] = ResolversParentTypes['SyncCataloguePayload']> = {
  changes?: Resolver<ReadonlyArray<ResolversTypes['CatalogueChange']>, ParentType, ContextType>;
};

export type CatalogueChangeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CatalogueChange'] = ResolversParentTypes['CatalogueChange']> = {
  kind?: Resolver<ResolversTypes['CatalogueItemKind'], ParentType, ContextType>;
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  action?: Resolver<ResolversTypes['CatalogueAction'], ParentType, ContextType>;
};

export type UpdateMailPreferencesPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UpdateMailPreferencesPayload'] = ResolversParentTypes['UpdateMailPreferencesPayload']> = {
  mailPreferences?: Resolver<ResolversTypes['MailPreferences'], ParentType, ContextType>;
};

export interface Link__ImportScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['link__Import'], any> {
  name: 'link__Import';
}

export interface Federation__FieldSetScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__FieldSet'], any> {
  name: 'federation__FieldSet';
}

export interface Federation__ScopeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__Scope'], any> {
  name: 'federation__Scope';
}

export interface Federation__PolicyScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__Policy'], any> {
  name: 'federation__Policy';
}

export interface Federation__ContextFieldValueScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__ContextFieldValue'], any> {
  name: 'federation__ContextFieldValue';
}

export interface _AnyScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['_Any'], any> {
  name: '_Any';
}

export type _ServiceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['_Service'] = ResolversParentTypes['_Service']> = {
  sdl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type _EntityResolvers<ContextType = Context, ParentType extends ResolversParentTypes['_Entity'] = ResolversParentTypes['_Entity']> = {
  __resolveType: TypeResolveFn<'BillingSubscription' | 'Customer' | 'MeteredPeriod' | 'Plan', ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  DateTime?: GraphQLScalarType;
  SafeInt?: GraphQLScalarType;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Plan?: PlanResolvers<ContextType>;
  Money?: MoneyResolvers<ContextType>;
  Entitlements?: EntitlementsResolvers<ContextType>;
  Feature?: FeatureResolvers<ContextType>;
  Limit?: LimitResolvers<ContextType>;
  IncludedQuantity?: IncludedQuantityResolvers<ContextType>;
  MeteredPrice?: MeteredPriceResolvers<ContextType>;
  PriceTier?: PriceTierResolvers<ContextType>;
  Customer?: CustomerResolvers<ContextType>;
  MailPreferences?: MailPreferencesResolvers<ContextType>;
  BillingSubscription?: BillingSubscriptionResolvers<ContextType>;
  Invoice?: InvoiceResolvers<ContextType>;
  Dispute?: DisputeResolvers<ContextType>;
  InvoiceLine?: InvoiceLineResolvers<ContextType>;
  MeteredPeriod?: MeteredPeriodResolvers<ContextType>;
  UsageTrueUp?: UsageTrueUpResolvers<ContextType>;
  InvoiceConnection?: InvoiceConnectionResolvers<ContextType>;
  InvoiceEdge?: InvoiceEdgeResolvers<ContextType>;
  InvoicePreview?: InvoicePreviewResolvers<ContextType>;
  PlanQuote?: PlanQuoteResolvers<ContextType>;
  LimitExceeded?: LimitExceededResolvers<ContextType>;
  BillingOverview?: BillingOverviewResolvers<ContextType>;
  OwedSum?: OwedSumResolvers<ContextType>;
  OpenDisputes?: OpenDisputesResolvers<ContextType>;
  MeteringBacklog?: MeteringBacklogResolvers<ContextType>;
  MailBacklog?: MailBacklogResolvers<ContextType>;
  StatusCustomers?: StatusCustomersResolvers<ContextType>;
  PlanCustomers?: PlanCustomersResolvers<ContextType>;
  WebhookBacklog?: WebhookBacklogResolvers<ContextType>;
  EntitlementOverride?: EntitlementOverrideResolvers<ContextType>;
  WebhookEvent?: WebhookEventResolvers<ContextType>;
  WebhookEventConnection?: WebhookEventConnectionResolvers<ContextType>;
  WebhookEventEdge?: WebhookEventEdgeResolvers<ContextType>;
  Reconciliation?: ReconciliationResolvers<ContextType>;
  MeterReconciliation?: MeterReconciliationResolvers<ContextType>;
  ReconciliationConnection?: ReconciliationConnectionResolvers<ContextType>;
  ReconciliationEdge?: ReconciliationEdgeResolvers<ContextType>;
  StripeFinding?: StripeFindingResolvers<ContextType>;
  StripeFindingConnection?: StripeFindingConnectionResolvers<ContextType>;
  StripeFindingEdge?: StripeFindingEdgeResolvers<ContextType>;
  CreateCheckoutSessionPayload?: CreateCheckoutSessionPayloadResolvers<ContextType>;
  CreatePortalSessionPayload?: CreatePortalSessionPayloadResolvers<ContextType>;
  ChangePlanPayload?: ChangePlanPayloadResolvers<ContextType>;
  CancelSubscriptionPayload?: CancelSubscriptionPayloadResolvers<ContextType>;
  ResumeSubscriptionPayload?: ResumeSubscriptionPayloadResolvers<ContextType>;
  StartTrialPayload?: StartTrialPayloadResolvers<ContextType>;
  OverrideEntitlementsPayload?: OverrideEntitlementsPayloadResolvers<ContextType>;
  ReplayWebhookEventPayload?: ReplayWebhookEventPayloadResolvers<ContextType>;
  RepairMeteringPayload?: RepairMeteringPayloadResolvers<ContextType>;
  SyncCataloguePayload?: SyncCataloguePayloadResolvers<ContextType>;
  CatalogueChange?: CatalogueChangeResolvers<ContextType>;
  UpdateMailPreferencesPayload?: UpdateMailPreferencesPayloadResolvers<ContextType>;
  link__Import?: GraphQLScalarType;
  federation__FieldSet?: GraphQLScalarType;
  federation__Scope?: GraphQLScalarType;
  federation__Policy?: GraphQLScalarType;
  federation__ContextFieldValue?: GraphQLScalarType;
  _Any?: GraphQLScalarType;
  _Service?: _ServiceResolvers<ContextType>;
  _Entity?: _EntityResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  link?: LinkDirectiveResolver<any, any, ContextType>;
  federation__provides?: Federation__ProvidesDirectiveResolver<any, any, ContextType>;
  federation__tag?: Federation__TagDirectiveResolver<any, any, ContextType>;
  federation__extends?: Federation__ExtendsDirectiveResolver<any, any, ContextType>;
  shareable?: ShareableDirectiveResolver<any, any, ContextType>;
  federation__inaccessible?: Federation__InaccessibleDirectiveResolver<any, any, ContextType>;
  federation__override?: Federation__OverrideDirectiveResolver<any, any, ContextType>;
  federation__composeDirective?: Federation__ComposeDirectiveDirectiveResolver<any, any, ContextType>;
  federation__interfaceObject?: Federation__InterfaceObjectDirectiveResolver<any, any, ContextType>;
  federation__authenticated?: Federation__AuthenticatedDirectiveResolver<any, any, ContextType>;
  federation__requiresScopes?: Federation__RequiresScopesDirectiveResolver<any, any, ContextType>;
  federation__policy?: Federation__PolicyDirectiveResolver<any, any, ContextType>;
  federation__context?: Federation__ContextDirectiveResolver<any, any, ContextType>;
  federation__fromContext?: Federation__FromContextDirectiveResolver<any, any, ContextType>;
  federation__cost?: Federation__CostDirectiveResolver<any, any, ContextType>;
  federation__listSize?: Federation__ListSizeDirectiveResolver<any, any, ContextType>;
};
export type _Service = { sdl?: Maybe<string> };
export type Query_EntitiesArgs = { representations: ReadonlyArray<Record<string, unknown>> };
