// Written by "npm run codegen" from schema/operations/cli.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
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

/** What `changePlan` is told. */
export type ChangePlanInput = {
  /** Which customer. */
  readonly customerId: string | number;
  /** The one to be on. */
  readonly plan: PlanKey;
  /** Operator only: change it also to a plan that the customer does not fit. */
  readonly force?: boolean | null | undefined;
};

/** What `createCheckoutSession` is told. */
export type CreateCheckoutSessionInput = {
  /** Which customer. */
  readonly customerId: string | number;
  /** One with a price. */
  readonly plan: PlanKey;
  /** Where the browser goes once it is paid; {CHECKOUT_SESSION_ID} is filled in. */
  readonly successUrl: string;
  /** Where the browser goes when the page is left. */
  readonly cancelUrl: string;
  /** As the customer typed it; blanks around it mean nothing. */
  readonly promotionCode?: string | null | undefined;
  /** Operator only: open it also for a plan that the customer does not fit. */
  readonly force?: boolean | null | undefined;
};

/** What `createCustomer` is told. */
export type CreateCustomerInput = {
  /** Unique among all accounts. */
  readonly email: string;
  /** As it will stand on invoices and in the license. */
  readonly companyName?: string | null | undefined;
  /** Whom to ask for. */
  readonly fullName?: string | null | undefined;
};

/** What `createInstance` is told. */
export type CreateInstanceInput = {
  /** Which customer. */
  readonly customerId: string | number;
  /** With deploy a DNS label of at most 45 characters. */
  readonly name: string;
  /** Whether its Helm release is queued too. */
  readonly deploy?: boolean | null | undefined;
};

/** Whether an account is in use. */
export type CustomerStatus =
  /** It is. */
  | 'ACTIVE'
  /** Its subscription has ended, its license and keys are revoked; nothing was deleted. */
  | 'DEACTIVATED';

/** What `deactivateCustomer` is told. */
export type DeactivateCustomerInput = {
  /** Which customer. */
  readonly id: string | number;
  /** Why: it is kept beside the change. */
  readonly reason: string;
};

/** What was asked for. */
export type DeploymentOperation =
  /** To install it, or to bring it up to date. */
  | 'DEPLOY'
  /** To take it away, with its data. */
  | 'REMOVE';

/** How a deployment stands. */
export type DeploymentStatus =
  /** Waits for a worker, or for its next attempt. */
  | 'QUEUED'
  /** A worker is at it. */
  | 'RUNNING'
  /** It stands, and answered. */
  | 'SUCCEEDED'
  /** No attempt is left; retryDeployment begins anew. */
  | 'FAILED'
  /** What was deployed is gone. */
  | 'REMOVED';

/** How far back a metered period can be shown. */
export type EvidenceState =
  /** Every report is there. */
  | 'REPORTS'
  /** Of some days, or all, the reports were replaced by digests, against which an instance's archive still proves each of them. */
  | 'DIGESTS'
  /** Some of the evidence is missing: it was lost, or deleted by a version that kept no digests. */
  | 'PARTLY_MISSING';

/** The length of a bucket, in UTC. */
export type Granularity =
  /** An hour. */
  | 'HOUR'
  /** A day. */
  | 'DAY'
  /** A calendar month. */
  | 'MONTH';

/** What happened to a customer's license. */
export type LicenseAction =
  /** The first one. */
  | 'GENERATED'
  /** The same grants, for longer. */
  | 'RENEWED'
  /** More was granted. */
  | 'UPGRADED'
  /** Something was taken away. */
  | 'DOWNGRADED'
  /** Taken back. */
  | 'REVOKED'
  /** Given back. */
  | 'REINSTATED';

/** What a license is worth to an instance. */
export type LicenseState =
  /** In its lease. */
  | 'VALID'
  /** Past its lease: everything works, with warnings. */
  | 'GRACE'
  /** Past its grace: nothing new. */
  | 'READ_ONLY'
  /** Past its calendar: unlicensed. */
  | 'EXPIRED'
  /** Taken back; its calendar runs from then on. */
  | 'REVOKED'
  /** It begins later. */
  | 'NOT_YET_VALID'
  /** It was changed, or another key signed it. */
  | 'BAD_SIGNATURE'
  /** It names a key that nobody announced. */
  | 'UNKNOWN_KEY'
  /** Somebody else issued it. */
  | 'WRONG_ISSUER'
  /** It is no license. */
  | 'MALFORMED';

/** How a license stands. */
export type LicenseStatus =
  /** In its lease. */
  | 'ACTIVE'
  /** Its lease is over: everything works, with warnings, for 7 days. */
  | 'GRACE'
  /** Its grace is over: nothing new, for 14 days; what runs goes on. */
  | 'READ_ONLY'
  /** Another one has taken its place. */
  | 'SUPERSEDED'
  /** Taken back. */
  | 'REVOKED'
  /** Its calendar is over: the limits of an unlicensed instance hold. */
  | 'EXPIRED';

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

/** What `purgeUsageReports` takes. */
export type PurgeUsageReportsInput = {
  /** 1 to 3650; 90 where it is not said. */
  readonly olderThanDays?: number | null | undefined;
  /** True only says what would be deleted. Where it is not said: true without an age, else false. */
  readonly dryRun?: boolean | null | undefined;
};

/** Which usage plans are compared by. */
export type QuoteBasis =
  /** What was measured in the current period until now. Early in a period that is a small part of what will be billed. */
  | 'SO_FAR'
  /** What a whole month is expected to come to: of a state (devices, storage) the peak so far, of a counter its part of the month scaled up. In the first quarter of the month it is at least what the last period came to. */
  | 'PROJECTED'
  /** What the last whole period came to. A customer who has none is compared by PROJECTED. */
  | 'LAST_PERIOD';

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

/** What `reinstateLicense` is told. */
export type ReinstateLicenseInput = {
  /** Which customer. */
  readonly customerId: string | number;
  /** Why: it is kept beside the change. */
  readonly reason: string;
};

/** What `removeInstance` is told. */
export type RemoveInstanceInput = {
  /** Which instance. */
  readonly id: string | number;
};

/** What `repairMetering` is told. */
export type RepairMeteringInput = {
  /** Which customer. */
  readonly customerId: string | number;
};

/** What `replayWebhookEvent` is told. */
export type ReplayWebhookEventInput = {
  /** Stripe's, of an event that is stored. */
  readonly id: string | number;
};

/** LATE: its period was already invoiced, so it is billed in the next one. */
export type ReportFate =
  /** In time for its period's invoice. */
  | 'ACCEPTED'
  /** Its period was invoiced already: it is billed with the next one. */
  | 'LATE';

/** What `retryDeployment` is told. */
export type RetryDeploymentInput = {
  /** Which deployment. */
  readonly id: string | number;
};

/** What `revokeLicense` is told. */
export type RevokeLicenseInput = {
  /** Which customer. */
  readonly customerId: string | number;
  /** Why: it is kept beside the change. */
  readonly reason: string;
};

/** What `rotateSigningKey` is told. */
export type RotateSigningKeyInput = {
  /** Retire the current key now: it is compromised. */
  readonly emergency?: boolean;
};

/** ANNOUNCED: known to everybody, has signed nothing yet; the next rotation makes it CURRENT. */
export type SigningKeyStatus =
  /** Known to everybody, has signed nothing yet. */
  | 'ANNOUNCED'
  /** Signs. */
  | 'CURRENT'
  /** Signs no more; what it signed is good. */
  | 'VERIFYING'
  /** Verifies nothing. */
  | 'RETIRED';

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

/** How the catalogue is brought to Stripe. */
export type SyncCatalogueInput = {
  /** Only tell what would be done. */
  readonly dryRun?: boolean | null | undefined;
};

/** What `updateMailPreferences` is told. What is absent stays as it is. */
export type UpdateMailPreferencesInput = {
  /** Which customer. */
  readonly customerId: string | number;
  /** When 80 % of what is included or allowed is used. */
  readonly usageWarnings?: boolean | null | undefined;
  /** When usage is far above what is usual, an instance falls silent, or two agents report under one name. */
  readonly usageAnomalies?: boolean | null | undefined;
  /** When a deployment failed. */
  readonly deployments?: boolean | null | undefined;
};

/** INCLUDED: of what the plan includes of a meter. MAX_DEVICES: of the limit maxDevices. */
export type UsageAlertKind =
  /** Of what the plan includes of a meter. */
  | 'INCLUDED'
  /** Of the limit maxDevices. */
  | 'MAX_DEVICES';

/** What can look wrong. */
export type UsageAnomalyKind =
  /** No report for three of the instance's usual intervals, and for 15 minutes at least. */
  | 'INSTANCE_SILENT'
  /** Two reports of one instance have one sequence: two agents run under its name. */
  | 'SEQUENCE_REUSED'
  /** Two reports of one instance cover the same time. */
  | 'OVERLAPPING_INTERVALS'
  /** A day has more than four times what is usual. */
  | 'ABOVE_TREND';

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

export type CliChangePlanMutationVariables = Exact<{
  input: ChangePlanInput;
}>;


export type CliChangePlanMutation = { readonly changePlan: { readonly subscription: { readonly id: string, readonly status: SubscriptionStatus, readonly currentPeriodEndsAt: string | null, readonly plan: { readonly key: PlanKey } } } };

export type CliCreateCheckoutSessionMutationVariables = Exact<{
  input: CreateCheckoutSessionInput;
}>;


export type CliCreateCheckoutSessionMutation = { readonly createCheckoutSession: { readonly sessionId: string, readonly url: string } };

export type CliCreateCustomerMutationVariables = Exact<{
  input: CreateCustomerInput;
}>;


export type CliCreateCustomerMutation = { readonly createCustomer: { readonly customer: { readonly id: string, readonly email: string, readonly fullName: string | null, readonly companyName: string | null, readonly createdAt: string, readonly subscription: { readonly status: SubscriptionStatus, readonly trialEndsAt: string | null, readonly plan: { readonly key: PlanKey } } | null, readonly license: { readonly id: string, readonly token: string, readonly expiresAt: string } | null } } };

export type CliCreateInstanceMutationVariables = Exact<{
  input: CreateInstanceInput;
}>;


export type CliCreateInstanceMutation = { readonly createInstance: { readonly instance: { readonly id: string, readonly name: string, readonly deployment: { readonly id: string, readonly status: DeploymentStatus, readonly operation: DeploymentOperation, readonly progress: number, readonly step: string | null, readonly namespace: string, readonly url: string | null, readonly attempts: number, readonly error: string | null, readonly reason: string | null, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly customer: { readonly id: string }, readonly instance: { readonly id: string, readonly name: string } } | null } } };

export type CliDeactivateCustomerMutationVariables = Exact<{
  input: DeactivateCustomerInput;
}>;


export type CliDeactivateCustomerMutation = { readonly deactivateCustomer: { readonly customer: { readonly id: string, readonly status: CustomerStatus, readonly updatedAt: string } } };

export type CliDeploymentFragment = { readonly id: string, readonly status: DeploymentStatus, readonly operation: DeploymentOperation, readonly progress: number, readonly step: string | null, readonly namespace: string, readonly url: string | null, readonly attempts: number, readonly error: string | null, readonly reason: string | null, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly customer: { readonly id: string }, readonly instance: { readonly id: string, readonly name: string } };

export type CliExamineBillingQueryVariables = Exact<{ [key: string]: never; }>;


export type CliExamineBillingQuery = { readonly billingOverview: { readonly unpaidInvoices: number, readonly stripeFindings: number, readonly meteringDifferences: number, readonly pricingDifferences: number, readonly byStatus: ReadonlyArray<{ readonly status: SubscriptionStatus, readonly customers: number }>, readonly owed: ReadonlyArray<{ readonly uncollectedInvoices: number }>, readonly disputes: { readonly open: number, readonly needResponse: number, readonly respondBy: string | null }, readonly metering: { readonly waiting: number, readonly late: number }, readonly mails: { readonly waiting: number, readonly oldestCreatedAt: string | null, readonly failed: number, readonly unknown: number }, readonly webhooks: { readonly received: number, readonly failed: number, readonly oldestReceivedAt: string | null } } };

export type CliExamineDeploymentsQueryVariables = Exact<{ [key: string]: never; }>;


export type CliExamineDeploymentsQuery = { readonly deployments: { readonly totalCount: number } };

export type CliExamineLicensingQueryVariables = Exact<{ [key: string]: never; }>;


export type CliExamineLicensingQuery = { readonly licensingOverview: { readonly endingSoon: number, readonly renewalsLate: number } };

export type CliExamineReportersQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type CliExamineReportersQuery = { readonly fleetUsage: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly lastReportedAt: string | null, readonly customer: { readonly id: string, readonly email: string, readonly companyName: string | null, readonly subscription: { readonly status: SubscriptionStatus } | null } | null } }> } };

export type CliExportUsageQueryVariables = Exact<{
  id: string | number;
  from: string;
  to: string;
  granularity: Granularity;
  instance?: string | null | undefined;
}>;


export type CliExportUsageQuery = { readonly customer: { readonly usageCsv: string | null } | null };

export type CliFindCustomerQueryVariables = Exact<{
  id: string | number;
}>;


export type CliFindCustomerQuery = { readonly customer: { readonly id: string } | null };

export type CliLicenseHistoryQueryVariables = Exact<{
  id: string | number;
  first: number;
  after?: string | null | undefined;
}>;


export type CliLicenseHistoryQuery = { readonly customer: { readonly licenseHistory: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly at: string, readonly action: LicenseAction, readonly plan: PlanKey, readonly maxDevices: number | null, readonly tokenHash: string, readonly actor: string, readonly reason: string | null } }> } | null } | null };

export type CliListCustomerDeploymentsQueryVariables = Exact<{
  id: string | number;
  first: number;
  after?: string | null | undefined;
  status?: DeploymentStatus | null | undefined;
}>;


export type CliListCustomerDeploymentsQuery = { readonly customer: { readonly deployments: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly status: DeploymentStatus, readonly operation: DeploymentOperation, readonly progress: number, readonly step: string | null, readonly namespace: string, readonly url: string | null, readonly attempts: number, readonly error: string | null, readonly reason: string | null, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly customer: { readonly id: string }, readonly instance: { readonly id: string, readonly name: string } } }> } } | null };

export type CliListCustomersQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  search?: string | null | undefined;
}>;


export type CliListCustomersQuery = { readonly customers: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly email: string, readonly fullName: string | null, readonly companyName: string | null, readonly status: CustomerStatus, readonly createdAt: string, readonly subscription: { readonly status: SubscriptionStatus, readonly plan: { readonly key: PlanKey } } | null } }> } };

export type CliListDeploymentsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  status?: DeploymentStatus | null | undefined;
}>;


export type CliListDeploymentsQuery = { readonly deployments: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly status: DeploymentStatus, readonly operation: DeploymentOperation, readonly progress: number, readonly step: string | null, readonly namespace: string, readonly url: string | null, readonly attempts: number, readonly error: string | null, readonly reason: string | null, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly customer: { readonly id: string }, readonly instance: { readonly id: string, readonly name: string } } }> } };

export type CliListLicenseReissuesQueryVariables = Exact<{ [key: string]: never; }>;


export type CliListLicenseReissuesQuery = { readonly licenseReissues: ReadonlyArray<{ readonly id: string, readonly total: number, readonly done: number, readonly finishedAt: string | null }> };

export type CliListQueuesQueryVariables = Exact<{ [key: string]: never; }>;


export type CliListQueuesQuery = { readonly queueStats: ReadonlyArray<{ readonly name: string, readonly waiting: number, readonly active: number, readonly completed: number, readonly failed: number, readonly delayed: number }> };

export type CliListReconciliationDifferencesQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type CliListReconciliationDifferencesQuery = { readonly reconciliationDifferences: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly customerId: string, readonly periodStart: string, readonly balanced: boolean, readonly checkedAt: string, readonly differsSince: string | null, readonly meters: ReadonlyArray<{ readonly meter: Meter, readonly reported: number, readonly sent: number, readonly pending: number, readonly stripe: number, readonly cause: ReconciliationCause | null, readonly explanation: string | null }> } }> } };

export type CliListSigningKeysQueryVariables = Exact<{ [key: string]: never; }>;


export type CliListSigningKeysQuery = { readonly signingKeys: ReadonlyArray<{ readonly id: string, readonly algorithm: string, readonly status: SigningKeyStatus, readonly createdAt: string, readonly currentSince: string | null, readonly retiredAt: string | null, readonly compromisedAt: string | null, readonly publicKeyPem: string }> };

export type CliListStripeFindingsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type CliListStripeFindingsQuery = { readonly stripeFindings: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly customerId: string, readonly kind: StripeFindingKind, readonly objectId: string, readonly detail: string, readonly foundAt: string } }> } };

export type CliListUsageAnomaliesQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  open?: boolean | null | undefined;
}>;


export type CliListUsageAnomaliesQuery = { readonly usageAnomalies: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly kind: UsageAnomalyKind, readonly meter: Meter | null, readonly detail: string, readonly raisedAt: string, readonly resolvedAt: string | null, readonly customer: { readonly id: string, readonly email: string, readonly companyName: string | null } | null, readonly instance: { readonly name: string } | null } }> } };

export type CliListWebhookEventsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  status?: WebhookEventStatus | null | undefined;
}>;


export type CliListWebhookEventsQuery = { readonly webhookEvents: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly type: string, readonly status: WebhookEventStatus, readonly attempts: number, readonly error: string | null, readonly customerId: string | null, readonly receivedAt: string, readonly handledAt: string | null } }> } };

export type CliMailPreferencesQueryVariables = Exact<{
  id: string | number;
}>;


export type CliMailPreferencesQuery = { readonly customer: { readonly id: string, readonly mailPreferences: { readonly usageWarnings: boolean, readonly usageAnomalies: boolean, readonly deployments: boolean } | null } | null };

export type CliPlaneTimeQueryVariables = Exact<{ [key: string]: never; }>;


export type CliPlaneTimeQuery = { readonly plane: { readonly now: string } };

export type CliPlaneVersionQueryVariables = Exact<{ [key: string]: never; }>;


export type CliPlaneVersionQuery = { readonly plane: { readonly version: string } };

export type CliPurgeUsageReportsMutationVariables = Exact<{
  input: PurgeUsageReportsInput;
}>;


export type CliPurgeUsageReportsMutation = { readonly purgeUsageReports: { readonly dryRun: boolean, readonly olderThanDays: number, readonly deleted: number, readonly kept: number } };

export type CliQuotePlansQueryVariables = Exact<{
  id: string | number;
  basis?: QuoteBasis | null | undefined;
}>;


export type CliQuotePlansQuery = { readonly customer: { readonly id: string, readonly email: string, readonly companyName: string | null, readonly subscription: { readonly status: SubscriptionStatus, readonly plan: { readonly key: PlanKey } } | null, readonly planComparison: ReadonlyArray<{ readonly basis: QuoteBasis, readonly fits: boolean, readonly doesNotFit: ReadonlyArray<{ readonly limit: string, readonly allowed: number, readonly current: number }>, readonly plan: { readonly key: PlanKey }, readonly total: { readonly amount: number, readonly currency: string }, readonly difference: { readonly amount: number, readonly currency: string } }> | null } | null };

export type CliReconcileCustomerQueryVariables = Exact<{
  customerId: string | number;
}>;


export type CliReconcileCustomerQuery = { readonly reconciliation: { readonly customerId: string, readonly periodStart: string, readonly balanced: boolean, readonly checkedAt: string, readonly differsSince: string | null, readonly meters: ReadonlyArray<{ readonly meter: Meter, readonly reported: number, readonly sent: number, readonly pending: number, readonly stripe: number, readonly cause: ReconciliationCause | null, readonly explanation: string | null }> } };

export type CliReconciliationFragment = { readonly customerId: string, readonly periodStart: string, readonly balanced: boolean, readonly checkedAt: string, readonly differsSince: string | null, readonly meters: ReadonlyArray<{ readonly meter: Meter, readonly reported: number, readonly sent: number, readonly pending: number, readonly stripe: number, readonly cause: ReconciliationCause | null, readonly explanation: string | null }> };

export type CliReinstateLicenseMutationVariables = Exact<{
  input: ReinstateLicenseInput;
}>;


export type CliReinstateLicenseMutation = { readonly reinstateLicense: { readonly license: { readonly id: string, readonly status: LicenseStatus, readonly issuedAt: string, readonly expiresAt: string } } };

export type CliRemoveInstanceMutationVariables = Exact<{
  input: RemoveInstanceInput;
}>;


export type CliRemoveInstanceMutation = { readonly removeInstance: { readonly instance: { readonly id: string, readonly name: string, readonly deployment: { readonly id: string, readonly status: DeploymentStatus, readonly operation: DeploymentOperation, readonly progress: number, readonly step: string | null, readonly namespace: string, readonly url: string | null, readonly attempts: number, readonly error: string | null, readonly reason: string | null, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly customer: { readonly id: string }, readonly instance: { readonly id: string, readonly name: string } } | null } } };

export type CliRepairMeteringMutationVariables = Exact<{
  input: RepairMeteringInput;
}>;


export type CliRepairMeteringMutation = { readonly repairMetering: { readonly repaired: ReadonlyArray<Meter>, readonly reconciliation: { readonly customerId: string, readonly periodStart: string, readonly balanced: boolean, readonly checkedAt: string, readonly differsSince: string | null, readonly meters: ReadonlyArray<{ readonly meter: Meter, readonly reported: number, readonly sent: number, readonly pending: number, readonly stripe: number, readonly cause: ReconciliationCause | null, readonly explanation: string | null }> } } };

export type CliReplayWebhookEventMutationVariables = Exact<{
  input: ReplayWebhookEventInput;
}>;


export type CliReplayWebhookEventMutation = { readonly replayWebhookEvent: { readonly webhookEvent: { readonly id: string, readonly type: string, readonly status: WebhookEventStatus, readonly attempts: number, readonly error: string | null } } };

export type CliRetryDeploymentMutationVariables = Exact<{
  input: RetryDeploymentInput;
}>;


export type CliRetryDeploymentMutation = { readonly retryDeployment: { readonly deployment: { readonly id: string, readonly status: DeploymentStatus, readonly operation: DeploymentOperation, readonly progress: number, readonly step: string | null, readonly namespace: string, readonly url: string | null, readonly attempts: number, readonly error: string | null, readonly reason: string | null, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly customer: { readonly id: string }, readonly instance: { readonly id: string, readonly name: string } } } };

export type CliRevokeLicenseMutationVariables = Exact<{
  input: RevokeLicenseInput;
}>;


export type CliRevokeLicenseMutation = { readonly revokeLicense: { readonly license: { readonly id: string, readonly status: LicenseStatus, readonly revokedAt: string | null, readonly expiresAt: string } } };

export type CliRotateSigningKeyMutationVariables = Exact<{
  input: RotateSigningKeyInput;
}>;


export type CliRotateSigningKeyMutation = { readonly rotateSigningKey: { readonly signingKey: { readonly id: string, readonly status: SigningKeyStatus, readonly currentSince: string | null }, readonly reissue: { readonly id: string, readonly total: number, readonly done: number, readonly finishedAt: string | null } } };

export type CliShowCustomerQueryVariables = Exact<{
  id: string | number;
}>;


export type CliShowCustomerQuery = { readonly customer: { readonly id: string, readonly email: string, readonly fullName: string | null, readonly companyName: string | null, readonly status: CustomerStatus, readonly createdAt: string, readonly updatedAt: string, readonly subscription: { readonly id: string, readonly status: SubscriptionStatus, readonly trialEndsAt: string | null, readonly currentPeriodEndsAt: string | null, readonly cancelAtPeriodEnd: boolean, readonly plan: { readonly key: PlanKey }, readonly entitlements: { readonly limits: ReadonlyArray<{ readonly key: string, readonly value: number | null }> } } | null, readonly license: { readonly id: string, readonly status: LicenseStatus, readonly expiresAt: string } | null, readonly apiKeys: ReadonlyArray<{ readonly id: string, readonly name: string, readonly prefix: string, readonly createdAt: string, readonly lastUsedAt: string | null, readonly revokedAt: string | null }>, readonly instances: { readonly totalCount: number, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly name: string, readonly lastReportedAt: string | null, readonly latestUsage: { readonly activeDevices: number, readonly totalDevices: number } | null } }> }, readonly auditLog: { readonly edges: ReadonlyArray<{ readonly node: { readonly at: string, readonly actor: string, readonly action: string, readonly detail: string | null } }> } } | null };

export type CliShowDeploymentQueryVariables = Exact<{
  id: string | number;
}>;


export type CliShowDeploymentQuery = { readonly deployment: { readonly log: ReadonlyArray<string>, readonly id: string, readonly status: DeploymentStatus, readonly operation: DeploymentOperation, readonly progress: number, readonly step: string | null, readonly namespace: string, readonly url: string | null, readonly attempts: number, readonly error: string | null, readonly reason: string | null, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly customer: { readonly id: string }, readonly instance: { readonly id: string, readonly name: string } } | null };

export type CliShowFleetUsageQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  from: string;
  to: string;
}>;


export type CliShowFleetUsageQuery = { readonly fleetUsage: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly edges: ReadonlyArray<{ readonly node: { readonly utilization: number, readonly lastReportedAt: string | null, readonly instances: number, readonly customer: { readonly id: string, readonly email: string, readonly fullName: string | null, readonly companyName: string | null, readonly subscription: { readonly status: SubscriptionStatus, readonly plan: { readonly key: PlanKey }, readonly entitlements: { readonly limits: ReadonlyArray<{ readonly key: string, readonly value: number | null }> } } | null, readonly usageSeries: ReadonlyArray<{ readonly start: string, readonly peak: number, readonly reports: number }> | null, readonly activeNow: { readonly instances: number, readonly activeDevices: number, readonly totalDevices: number, readonly goneInstances: number } | null } | null } }> } };

export type CliShowLicenseQueryVariables = Exact<{
  id: string | number;
}>;


export type CliShowLicenseQuery = { readonly customer: { readonly id: string, readonly email: string, readonly companyName: string | null, readonly license: { readonly id: string, readonly token: string, readonly claims: Record<string, unknown>, readonly status: LicenseStatus, readonly keyId: string, readonly issuedAt: string, readonly expiresAt: string, readonly revokedAt: string | null, readonly airGap: boolean } | null, readonly activations: ReadonlyArray<{ readonly licenseId: string, readonly agentVersion: string | null, readonly lastSeenAt: string, readonly instance: { readonly name: string } | null }> | null } | null };

export type CliShowUsageQueryVariables = Exact<{
  id: string | number;
  from: string;
  to: string;
  reports: number;
}>;


export type CliShowUsageQuery = { readonly customer: { readonly id: string, readonly email: string, readonly fullName: string | null, readonly companyName: string | null, readonly subscription: { readonly status: SubscriptionStatus, readonly trialEndsAt: string | null, readonly currentPeriodEndsAt: string | null, readonly plan: { readonly key: PlanKey }, readonly entitlements: { readonly limits: ReadonlyArray<{ readonly key: string, readonly value: number | null }> } } | null, readonly usageReports: { readonly totalCount: number, readonly edges: ReadonlyArray<{ readonly node: { readonly id: string, readonly intervalEnd: string, readonly activeDevices: number, readonly totalDevices: number, readonly instance: { readonly name: string } | null } }> } | null, readonly usageSeries: ReadonlyArray<{ readonly start: string, readonly quantity: number, readonly peak: number, readonly reports: number }> | null, readonly activeNow: { readonly instances: number, readonly activeDevices: number, readonly totalDevices: number, readonly goneInstances: number } | null, readonly usageSummary: { readonly periodStart: string, readonly periodEnd: string, readonly meters: ReadonlyArray<{ readonly meter: Meter, readonly used: number, readonly included: number | null, readonly overage: number, readonly utilization: number | null, readonly projected: number }> } | null } | null };

export type CliSyncCatalogueMutationVariables = Exact<{
  input: SyncCatalogueInput;
}>;


export type CliSyncCatalogueMutation = { readonly syncCatalogue: { readonly changes: ReadonlyArray<{ readonly kind: CatalogueItemKind, readonly key: string, readonly action: CatalogueAction }> } };

export type CliUpdateMailPreferencesMutationVariables = Exact<{
  input: UpdateMailPreferencesInput;
}>;


export type CliUpdateMailPreferencesMutation = { readonly updateMailPreferences: { readonly mailPreferences: { readonly usageWarnings: boolean, readonly usageAnomalies: boolean, readonly deployments: boolean } } };

export type CliUsageEvidenceQueryVariables = Exact<{
  id: string | number;
  meter: Meter;
  periodStart: string;
  instance: string;
}>;


export type CliUsageEvidenceQuery = { readonly customer: { readonly meteredPeriod: { readonly periodStart: string, readonly periodEnd: string, readonly quantity: number, readonly evidenceState: EvidenceState, readonly evidence: string } | null } | null };

export type CliVerifyLicenseQueryVariables = Exact<{
  token: string;
}>;


export type CliVerifyLicenseQuery = { readonly verifyLicense: { readonly valid: boolean, readonly state: LicenseState, readonly claims: Record<string, unknown> | null, readonly expiresAt: string | null, readonly revokedAt: string | null, readonly calendar: { readonly expiresAt: string, readonly graceUntil: string, readonly readOnlyFrom: string, readonly unlicensedFrom: string } | null } };

export type CliViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type CliViewerQuery = { readonly viewer:
    | { readonly __typename: 'AdminViewer', readonly name: string }
    | { readonly __typename: 'UserViewer' }
    | { readonly __typename: 'InstanceViewer' }
   | null };

export type CliWatchDeploymentsSubscriptionVariables = Exact<{
  customerId: string | number;
}>;


export type CliWatchDeploymentsSubscription = { readonly deploymentProgressed: { readonly log: ReadonlyArray<string>, readonly id: string, readonly status: DeploymentStatus, readonly operation: DeploymentOperation, readonly progress: number, readonly step: string | null, readonly namespace: string, readonly url: string | null, readonly attempts: number, readonly error: string | null, readonly reason: string | null, readonly createdAt: string, readonly startedAt: string | null, readonly finishedAt: string | null, readonly customer: { readonly id: string }, readonly instance: { readonly id: string, readonly name: string } } };

export type CliWatchUsageAlertsSubscriptionVariables = Exact<{
  customerId: string | number;
}>;


export type CliWatchUsageAlertsSubscription = { readonly usageAlertRaised: { readonly id: string, readonly kind: UsageAlertKind, readonly meter: Meter, readonly threshold: number, readonly used: number, readonly included: number, readonly raisedAt: string } };

export type CliWatchUsageSubscriptionVariables = Exact<{
  customerId: string | number;
  instance?: string | null | undefined;
}>;


export type CliWatchUsageSubscription = { readonly usageReported: { readonly id: string, readonly fate: ReportFate, readonly intervalEnd: string, readonly receivedAt: string, readonly activeDevices: number, readonly totalDevices: number, readonly mqttMessagesPublished: number, readonly mqttMessagesReceived: number, readonly storageBytes: number, readonly instance: { readonly name: string } | null } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const CliDeploymentFragmentDoc = new TypedDocumentString(`
    fragment CliDeployment on Deployment {
  id
  status
  operation
  progress
  step
  namespace
  url
  attempts
  error
  reason
  createdAt
  startedAt
  finishedAt
  customer {
    id
  }
  instance {
    id
    name
  }
}
    `, {"fragmentName":"CliDeployment"}) as unknown as TypedDocumentString<CliDeploymentFragment, unknown>;
export const CliReconciliationFragmentDoc = new TypedDocumentString(`
    fragment CliReconciliation on Reconciliation {
  customerId
  periodStart
  balanced
  checkedAt
  differsSince
  meters {
    meter
    reported
    sent
    pending
    stripe
    cause
    explanation
  }
}
    `, {"fragmentName":"CliReconciliation"}) as unknown as TypedDocumentString<CliReconciliationFragment, unknown>;
export const CliChangePlanDocument = new TypedDocumentString(`
    mutation CliChangePlan($input: ChangePlanInput!) {
  changePlan(input: $input) {
    subscription {
      id
      status
      currentPeriodEndsAt
      plan {
        key
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliChangePlanMutation, CliChangePlanMutationVariables>;
export const CliCreateCheckoutSessionDocument = new TypedDocumentString(`
    mutation CliCreateCheckoutSession($input: CreateCheckoutSessionInput!) {
  createCheckoutSession(input: $input) {
    sessionId
    url
  }
}
    `) as unknown as TypedDocumentString<CliCreateCheckoutSessionMutation, CliCreateCheckoutSessionMutationVariables>;
export const CliCreateCustomerDocument = new TypedDocumentString(`
    mutation CliCreateCustomer($input: CreateCustomerInput!) {
  createCustomer(input: $input) {
    customer {
      id
      email
      fullName
      companyName
      createdAt
      subscription {
        status
        trialEndsAt
        plan {
          key
        }
      }
      license {
        id
        token
        expiresAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliCreateCustomerMutation, CliCreateCustomerMutationVariables>;
export const CliCreateInstanceDocument = new TypedDocumentString(`
    mutation CliCreateInstance($input: CreateInstanceInput!) {
  createInstance(input: $input) {
    instance {
      id
      name
      deployment {
        ...CliDeployment
      }
    }
  }
}
    fragment CliDeployment on Deployment {
  id
  status
  operation
  progress
  step
  namespace
  url
  attempts
  error
  reason
  createdAt
  startedAt
  finishedAt
  customer {
    id
  }
  instance {
    id
    name
  }
}`) as unknown as TypedDocumentString<CliCreateInstanceMutation, CliCreateInstanceMutationVariables>;
export const CliDeactivateCustomerDocument = new TypedDocumentString(`
    mutation CliDeactivateCustomer($input: DeactivateCustomerInput!) {
  deactivateCustomer(input: $input) {
    customer {
      id
      status
      updatedAt
    }
  }
}
    `) as unknown as TypedDocumentString<CliDeactivateCustomerMutation, CliDeactivateCustomerMutationVariables>;
export const CliExamineBillingDocument = new TypedDocumentString(`
    query CliExamineBilling {
  billingOverview {
    byStatus {
      status
      customers
    }
    unpaidInvoices
    owed {
      uncollectedInvoices
    }
    disputes {
      open
      needResponse
      respondBy
    }
    stripeFindings
    meteringDifferences
    pricingDifferences
    metering {
      waiting
      late
    }
    mails {
      waiting
      oldestCreatedAt
      failed
      unknown
    }
    webhooks {
      received
      failed
      oldestReceivedAt
    }
  }
}
    `) as unknown as TypedDocumentString<CliExamineBillingQuery, CliExamineBillingQueryVariables>;
export const CliExamineDeploymentsDocument = new TypedDocumentString(`
    query CliExamineDeployments {
  deployments(first: 1, status: FAILED) {
    totalCount
  }
}
    `) as unknown as TypedDocumentString<CliExamineDeploymentsQuery, CliExamineDeploymentsQueryVariables>;
export const CliExamineLicensingDocument = new TypedDocumentString(`
    query CliExamineLicensing {
  licensingOverview {
    endingSoon
    renewalsLate
  }
}
    `) as unknown as TypedDocumentString<CliExamineLicensingQuery, CliExamineLicensingQueryVariables>;
export const CliExamineReportersDocument = new TypedDocumentString(`
    query CliExamineReporters($first: Int!, $after: String) {
  fleetUsage(first: $first, after: $after) {
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        lastReportedAt
        customer {
          id
          email
          companyName
          subscription {
            status
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliExamineReportersQuery, CliExamineReportersQueryVariables>;
export const CliExportUsageDocument = new TypedDocumentString(`
    query CliExportUsage($id: ID!, $from: DateTime!, $to: DateTime!, $granularity: Granularity!, $instance: String) {
  customer(id: $id) {
    usageCsv(from: $from, to: $to, granularity: $granularity, instance: $instance)
  }
}
    `) as unknown as TypedDocumentString<CliExportUsageQuery, CliExportUsageQueryVariables>;
export const CliFindCustomerDocument = new TypedDocumentString(`
    query CliFindCustomer($id: ID!) {
  customer(id: $id) {
    id
  }
}
    `) as unknown as TypedDocumentString<CliFindCustomerQuery, CliFindCustomerQueryVariables>;
export const CliLicenseHistoryDocument = new TypedDocumentString(`
    query CliLicenseHistory($id: ID!, $first: Int!, $after: String) {
  customer(id: $id) {
    licenseHistory(first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          id
          at
          action
          plan
          maxDevices
          tokenHash
          actor
          reason
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliLicenseHistoryQuery, CliLicenseHistoryQueryVariables>;
export const CliListCustomerDeploymentsDocument = new TypedDocumentString(`
    query CliListCustomerDeployments($id: ID!, $first: Int!, $after: String, $status: DeploymentStatus) {
  customer(id: $id) {
    deployments(first: $first, after: $after, status: $status) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          ...CliDeployment
        }
      }
    }
  }
}
    fragment CliDeployment on Deployment {
  id
  status
  operation
  progress
  step
  namespace
  url
  attempts
  error
  reason
  createdAt
  startedAt
  finishedAt
  customer {
    id
  }
  instance {
    id
    name
  }
}`) as unknown as TypedDocumentString<CliListCustomerDeploymentsQuery, CliListCustomerDeploymentsQueryVariables>;
export const CliListCustomersDocument = new TypedDocumentString(`
    query CliListCustomers($first: Int!, $after: String, $search: String) {
  customers(first: $first, after: $after, search: $search) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        id
        email
        fullName
        companyName
        status
        createdAt
        subscription {
          status
          plan {
            key
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliListCustomersQuery, CliListCustomersQueryVariables>;
export const CliListDeploymentsDocument = new TypedDocumentString(`
    query CliListDeployments($first: Int!, $after: String, $status: DeploymentStatus) {
  deployments(first: $first, after: $after, status: $status) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        ...CliDeployment
      }
    }
  }
}
    fragment CliDeployment on Deployment {
  id
  status
  operation
  progress
  step
  namespace
  url
  attempts
  error
  reason
  createdAt
  startedAt
  finishedAt
  customer {
    id
  }
  instance {
    id
    name
  }
}`) as unknown as TypedDocumentString<CliListDeploymentsQuery, CliListDeploymentsQueryVariables>;
export const CliListLicenseReissuesDocument = new TypedDocumentString(`
    query CliListLicenseReissues {
  licenseReissues {
    id
    total
    done
    finishedAt
  }
}
    `) as unknown as TypedDocumentString<CliListLicenseReissuesQuery, CliListLicenseReissuesQueryVariables>;
export const CliListQueuesDocument = new TypedDocumentString(`
    query CliListQueues {
  queueStats {
    name
    waiting
    active
    completed
    failed
    delayed
  }
}
    `) as unknown as TypedDocumentString<CliListQueuesQuery, CliListQueuesQueryVariables>;
export const CliListReconciliationDifferencesDocument = new TypedDocumentString(`
    query CliListReconciliationDifferences($first: Int!, $after: String) {
  reconciliationDifferences(first: $first, after: $after) {
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        ...CliReconciliation
      }
    }
  }
}
    fragment CliReconciliation on Reconciliation {
  customerId
  periodStart
  balanced
  checkedAt
  differsSince
  meters {
    meter
    reported
    sent
    pending
    stripe
    cause
    explanation
  }
}`) as unknown as TypedDocumentString<CliListReconciliationDifferencesQuery, CliListReconciliationDifferencesQueryVariables>;
export const CliListSigningKeysDocument = new TypedDocumentString(`
    query CliListSigningKeys {
  signingKeys {
    id
    algorithm
    status
    createdAt
    currentSince
    retiredAt
    compromisedAt
    publicKeyPem
  }
}
    `) as unknown as TypedDocumentString<CliListSigningKeysQuery, CliListSigningKeysQueryVariables>;
export const CliListStripeFindingsDocument = new TypedDocumentString(`
    query CliListStripeFindings($first: Int!, $after: String) {
  stripeFindings(first: $first, after: $after) {
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        customerId
        kind
        objectId
        detail
        foundAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliListStripeFindingsQuery, CliListStripeFindingsQueryVariables>;
export const CliListUsageAnomaliesDocument = new TypedDocumentString(`
    query CliListUsageAnomalies($first: Int!, $after: String, $open: Boolean) {
  usageAnomalies(first: $first, after: $after, open: $open) {
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        id
        kind
        meter
        detail
        raisedAt
        resolvedAt
        customer {
          id
          email
          companyName
        }
        instance {
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliListUsageAnomaliesQuery, CliListUsageAnomaliesQueryVariables>;
export const CliListWebhookEventsDocument = new TypedDocumentString(`
    query CliListWebhookEvents($first: Int!, $after: String, $status: WebhookEventStatus) {
  webhookEvents(first: $first, after: $after, status: $status) {
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        id
        type
        status
        attempts
        error
        customerId
        receivedAt
        handledAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliListWebhookEventsQuery, CliListWebhookEventsQueryVariables>;
export const CliMailPreferencesDocument = new TypedDocumentString(`
    query CliMailPreferences($id: ID!) {
  customer(id: $id) {
    id
    mailPreferences {
      usageWarnings
      usageAnomalies
      deployments
    }
  }
}
    `) as unknown as TypedDocumentString<CliMailPreferencesQuery, CliMailPreferencesQueryVariables>;
export const CliPlaneTimeDocument = new TypedDocumentString(`
    query CliPlaneTime {
  plane {
    now
  }
}
    `) as unknown as TypedDocumentString<CliPlaneTimeQuery, CliPlaneTimeQueryVariables>;
export const CliPlaneVersionDocument = new TypedDocumentString(`
    query CliPlaneVersion {
  plane {
    version
  }
}
    `) as unknown as TypedDocumentString<CliPlaneVersionQuery, CliPlaneVersionQueryVariables>;
export const CliPurgeUsageReportsDocument = new TypedDocumentString(`
    mutation CliPurgeUsageReports($input: PurgeUsageReportsInput!) {
  purgeUsageReports(input: $input) {
    dryRun
    olderThanDays
    deleted
    kept
  }
}
    `) as unknown as TypedDocumentString<CliPurgeUsageReportsMutation, CliPurgeUsageReportsMutationVariables>;
export const CliQuotePlansDocument = new TypedDocumentString(`
    query CliQuotePlans($id: ID!, $basis: QuoteBasis = PROJECTED) {
  customer(id: $id) {
    id
    email
    companyName
    subscription {
      status
      plan {
        key
      }
    }
    planComparison(basis: $basis) {
      basis
      fits
      doesNotFit {
        limit
        allowed
        current
      }
      plan {
        key
      }
      total {
        amount
        currency
      }
      difference {
        amount
        currency
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliQuotePlansQuery, CliQuotePlansQueryVariables>;
export const CliReconcileCustomerDocument = new TypedDocumentString(`
    query CliReconcileCustomer($customerId: ID!) {
  reconciliation(customerId: $customerId) {
    ...CliReconciliation
  }
}
    fragment CliReconciliation on Reconciliation {
  customerId
  periodStart
  balanced
  checkedAt
  differsSince
  meters {
    meter
    reported
    sent
    pending
    stripe
    cause
    explanation
  }
}`) as unknown as TypedDocumentString<CliReconcileCustomerQuery, CliReconcileCustomerQueryVariables>;
export const CliReinstateLicenseDocument = new TypedDocumentString(`
    mutation CliReinstateLicense($input: ReinstateLicenseInput!) {
  reinstateLicense(input: $input) {
    license {
      id
      status
      issuedAt
      expiresAt
    }
  }
}
    `) as unknown as TypedDocumentString<CliReinstateLicenseMutation, CliReinstateLicenseMutationVariables>;
export const CliRemoveInstanceDocument = new TypedDocumentString(`
    mutation CliRemoveInstance($input: RemoveInstanceInput!) {
  removeInstance(input: $input) {
    instance {
      id
      name
      deployment {
        ...CliDeployment
      }
    }
  }
}
    fragment CliDeployment on Deployment {
  id
  status
  operation
  progress
  step
  namespace
  url
  attempts
  error
  reason
  createdAt
  startedAt
  finishedAt
  customer {
    id
  }
  instance {
    id
    name
  }
}`) as unknown as TypedDocumentString<CliRemoveInstanceMutation, CliRemoveInstanceMutationVariables>;
export const CliRepairMeteringDocument = new TypedDocumentString(`
    mutation CliRepairMetering($input: RepairMeteringInput!) {
  repairMetering(input: $input) {
    repaired
    reconciliation {
      ...CliReconciliation
    }
  }
}
    fragment CliReconciliation on Reconciliation {
  customerId
  periodStart
  balanced
  checkedAt
  differsSince
  meters {
    meter
    reported
    sent
    pending
    stripe
    cause
    explanation
  }
}`) as unknown as TypedDocumentString<CliRepairMeteringMutation, CliRepairMeteringMutationVariables>;
export const CliReplayWebhookEventDocument = new TypedDocumentString(`
    mutation CliReplayWebhookEvent($input: ReplayWebhookEventInput!) {
  replayWebhookEvent(input: $input) {
    webhookEvent {
      id
      type
      status
      attempts
      error
    }
  }
}
    `) as unknown as TypedDocumentString<CliReplayWebhookEventMutation, CliReplayWebhookEventMutationVariables>;
export const CliRetryDeploymentDocument = new TypedDocumentString(`
    mutation CliRetryDeployment($input: RetryDeploymentInput!) {
  retryDeployment(input: $input) {
    deployment {
      ...CliDeployment
    }
  }
}
    fragment CliDeployment on Deployment {
  id
  status
  operation
  progress
  step
  namespace
  url
  attempts
  error
  reason
  createdAt
  startedAt
  finishedAt
  customer {
    id
  }
  instance {
    id
    name
  }
}`) as unknown as TypedDocumentString<CliRetryDeploymentMutation, CliRetryDeploymentMutationVariables>;
export const CliRevokeLicenseDocument = new TypedDocumentString(`
    mutation CliRevokeLicense($input: RevokeLicenseInput!) {
  revokeLicense(input: $input) {
    license {
      id
      status
      revokedAt
      expiresAt
    }
  }
}
    `) as unknown as TypedDocumentString<CliRevokeLicenseMutation, CliRevokeLicenseMutationVariables>;
export const CliRotateSigningKeyDocument = new TypedDocumentString(`
    mutation CliRotateSigningKey($input: RotateSigningKeyInput!) {
  rotateSigningKey(input: $input) {
    signingKey {
      id
      status
      currentSince
    }
    reissue {
      id
      total
      done
      finishedAt
    }
  }
}
    `) as unknown as TypedDocumentString<CliRotateSigningKeyMutation, CliRotateSigningKeyMutationVariables>;
export const CliShowCustomerDocument = new TypedDocumentString(`
    query CliShowCustomer($id: ID!) {
  customer(id: $id) {
    id
    email
    fullName
    companyName
    status
    createdAt
    updatedAt
    subscription {
      id
      status
      trialEndsAt
      currentPeriodEndsAt
      cancelAtPeriodEnd
      plan {
        key
      }
      entitlements {
        limits {
          key
          value
        }
      }
    }
    license {
      id
      status
      expiresAt
    }
    apiKeys {
      id
      name
      prefix
      createdAt
      lastUsedAt
      revokedAt
    }
    instances(first: 100) {
      totalCount
      edges {
        node {
          id
          name
          lastReportedAt
          latestUsage {
            activeDevices
            totalDevices
          }
        }
      }
    }
    auditLog(first: 5) {
      edges {
        node {
          at
          actor
          action
          detail
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliShowCustomerQuery, CliShowCustomerQueryVariables>;
export const CliShowDeploymentDocument = new TypedDocumentString(`
    query CliShowDeployment($id: ID!) {
  deployment(id: $id) {
    ...CliDeployment
    log
  }
}
    fragment CliDeployment on Deployment {
  id
  status
  operation
  progress
  step
  namespace
  url
  attempts
  error
  reason
  createdAt
  startedAt
  finishedAt
  customer {
    id
  }
  instance {
    id
    name
  }
}`) as unknown as TypedDocumentString<CliShowDeploymentQuery, CliShowDeploymentQueryVariables>;
export const CliShowFleetUsageDocument = new TypedDocumentString(`
    query CliShowFleetUsage($first: Int!, $after: String, $from: DateTime!, $to: DateTime!) {
  fleetUsage(first: $first, after: $after) {
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        utilization
        lastReportedAt
        instances
        customer {
          id
          email
          fullName
          companyName
          subscription {
            status
            plan {
              key
            }
            entitlements {
              limits {
                key
                value
              }
            }
          }
          usageSeries(meter: DEVICES, from: $from, to: $to, granularity: DAY) {
            start
            peak
            reports
          }
          activeNow {
            instances
            activeDevices
            totalDevices
            goneInstances
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliShowFleetUsageQuery, CliShowFleetUsageQueryVariables>;
export const CliShowLicenseDocument = new TypedDocumentString(`
    query CliShowLicense($id: ID!) {
  customer(id: $id) {
    id
    email
    companyName
    license {
      id
      token
      claims
      status
      keyId
      issuedAt
      expiresAt
      revokedAt
      airGap
    }
    activations {
      licenseId
      agentVersion
      lastSeenAt
      instance {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliShowLicenseQuery, CliShowLicenseQueryVariables>;
export const CliShowUsageDocument = new TypedDocumentString(`
    query CliShowUsage($id: ID!, $from: DateTime!, $to: DateTime!, $reports: Int!) {
  customer(id: $id) {
    id
    email
    fullName
    companyName
    subscription {
      status
      trialEndsAt
      currentPeriodEndsAt
      plan {
        key
      }
      entitlements {
        limits {
          key
          value
        }
      }
    }
    usageReports(first: $reports, from: $from, to: $to) {
      totalCount
      edges {
        node {
          id
          intervalEnd
          activeDevices
          totalDevices
          instance {
            name
          }
        }
      }
    }
    usageSeries(meter: DEVICES, from: $from, to: $to, granularity: HOUR) {
      start
      quantity
      peak
      reports
    }
    activeNow {
      instances
      activeDevices
      totalDevices
      goneInstances
    }
    usageSummary {
      periodStart
      periodEnd
      meters {
        meter
        used
        included
        overage
        utilization
        projected
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliShowUsageQuery, CliShowUsageQueryVariables>;
export const CliSyncCatalogueDocument = new TypedDocumentString(`
    mutation CliSyncCatalogue($input: SyncCatalogueInput!) {
  syncCatalogue(input: $input) {
    changes {
      kind
      key
      action
    }
  }
}
    `) as unknown as TypedDocumentString<CliSyncCatalogueMutation, CliSyncCatalogueMutationVariables>;
export const CliUpdateMailPreferencesDocument = new TypedDocumentString(`
    mutation CliUpdateMailPreferences($input: UpdateMailPreferencesInput!) {
  updateMailPreferences(input: $input) {
    mailPreferences {
      usageWarnings
      usageAnomalies
      deployments
    }
  }
}
    `) as unknown as TypedDocumentString<CliUpdateMailPreferencesMutation, CliUpdateMailPreferencesMutationVariables>;
export const CliUsageEvidenceDocument = new TypedDocumentString(`
    query CliUsageEvidence($id: ID!, $meter: Meter!, $periodStart: DateTime!, $instance: String!) {
  customer(id: $id) {
    meteredPeriod(meter: $meter, periodStart: $periodStart) {
      periodStart
      periodEnd
      quantity
      evidenceState
      evidence(instance: $instance)
    }
  }
}
    `) as unknown as TypedDocumentString<CliUsageEvidenceQuery, CliUsageEvidenceQueryVariables>;
export const CliVerifyLicenseDocument = new TypedDocumentString(`
    query CliVerifyLicense($token: String!) {
  verifyLicense(token: $token) {
    valid
    state
    claims
    expiresAt
    revokedAt
    calendar {
      expiresAt
      graceUntil
      readOnlyFrom
      unlicensedFrom
    }
  }
}
    `) as unknown as TypedDocumentString<CliVerifyLicenseQuery, CliVerifyLicenseQueryVariables>;
export const CliViewerDocument = new TypedDocumentString(`
    query CliViewer {
  viewer {
    __typename
    ... on AdminViewer {
      name
    }
  }
}
    `) as unknown as TypedDocumentString<CliViewerQuery, CliViewerQueryVariables>;
export const CliWatchDeploymentsDocument = new TypedDocumentString(`
    subscription CliWatchDeployments($customerId: ID!) {
  deploymentProgressed(customerId: $customerId) {
    ...CliDeployment
    log
  }
}
    fragment CliDeployment on Deployment {
  id
  status
  operation
  progress
  step
  namespace
  url
  attempts
  error
  reason
  createdAt
  startedAt
  finishedAt
  customer {
    id
  }
  instance {
    id
    name
  }
}`) as unknown as TypedDocumentString<CliWatchDeploymentsSubscription, CliWatchDeploymentsSubscriptionVariables>;
export const CliWatchUsageAlertsDocument = new TypedDocumentString(`
    subscription CliWatchUsageAlerts($customerId: ID!) {
  usageAlertRaised(customerId: $customerId) {
    id
    kind
    meter
    threshold
    used
    included
    raisedAt
  }
}
    `) as unknown as TypedDocumentString<CliWatchUsageAlertsSubscription, CliWatchUsageAlertsSubscriptionVariables>;
export const CliWatchUsageDocument = new TypedDocumentString(`
    subscription CliWatchUsage($customerId: ID!, $instance: String) {
  usageReported(customerId: $customerId, instance: $instance) {
    id
    fate
    intervalEnd
    receivedAt
    activeDevices
    totalDevices
    mqttMessagesPublished
    mqttMessagesReceived
    storageBytes
    instance {
      name
    }
  }
}
    `) as unknown as TypedDocumentString<CliWatchUsageSubscription, CliWatchUsageSubscriptionVariables>;