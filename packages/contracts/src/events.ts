import { z } from 'zod';
import type { SubgraphName } from './caller.ts';

export const METERS = ['DEVICES', 'MQTT_MESSAGES', 'MQTT_BYTES', 'HTTP_BYTES', 'API_CALLS', 'STORAGE_BYTES'] as const;
export type Meter = (typeof METERS)[number];

export const PLAN_KEYS = ['TRIAL', 'STARTER', 'PROFESSIONAL', 'ENTERPRISE'] as const;
export type PlanKey = (typeof PLAN_KEYS)[number];

export const SUBSCRIPTION_STATUSES = ['TRIALING', 'ACTIVE', 'PAST_DUE', 'CANCELED', 'UNPAID', 'INCOMPLETE', 'INCOMPLETE_EXPIRED', 'PAUSED'] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

/** INCLUDED: of what the plan includes of a meter; MAX_DEVICES: of the limit maxDevices. */
export const USAGE_ALERT_KINDS = ['INCLUDED', 'MAX_DEVICES'] as const;
export type UsageAlertKind = (typeof USAGE_ALERT_KINDS)[number];

export const USAGE_ANOMALY_KINDS = ['INSTANCE_SILENT', 'SEQUENCE_REUSED', 'OVERLAPPING_INTERVALS', 'ABOVE_TREND'] as const;
export type UsageAnomalyKind = (typeof USAGE_ANOMALY_KINDS)[number];

const instant = z.iso.datetime();
const count = z.number().int().nonnegative();

/** What a plan grants, by value: licensing and usage never know plans. null is unlimited. */
export const entitlementsSchema = z.object({
  features: z.record(z.string(), z.boolean()),
  limits: z.record(z.string(), count.nullable()),
  included: z.partialRecord(z.enum(METERS), count.nullable()),
});
export type EntitlementValues = z.infer<typeof entitlementsSchema>;

const customer = z.object({
  customerId: z.string(),
  email: z.string(),
  companyName: z.string().nullable(),
  fullName: z.string().nullable(),
  createdAt: instant,
  updatedAt: instant,
});

const instance = z.object({ customerId: z.string(), instanceId: z.string(), name: z.string(), at: instant });

/** Somebody did something to a customer: for its audit log. */
const audited = z.object({ id: z.string(), customerId: z.string(), actor: z.string(), action: z.string(), target: z.string(), detail: z.string().nullable(), requestId: z.string(), at: instant });

/**
 * Every event: the one subgraph that may publish it, those that hear it, and its payload. A payload carries all that its
 * readers need, so that nobody asks back. Instants are RFC 3339 text: a payload is JSON.
 */
export const EVENTS = {
  'customer.signed_up': { publisher: 'customers', readers: ['billing'], payload: customer },
  'customer.updated': { publisher: 'customers', readers: ['billing'], payload: customer },
  'customer.deactivated': { publisher: 'customers', readers: ['billing', 'licensing'], payload: z.object({ customerId: z.string(), reason: z.string(), actor: z.string(), at: instant }) },
  /** Somebody named an instance before it was ever heard of. */
  'instance.registered': { publisher: 'customers', readers: ['usage', 'licensing'], payload: instance },
  /** The first report of an instance. */
  'instance.reported': { publisher: 'usage', readers: ['customers', 'licensing'], payload: instance },
  /** The first license fetch of an instance. */
  'instance.activated': { publisher: 'licensing', readers: ['customers', 'usage'], payload: instance },
  'subscription.changed': {
    publisher: 'billing',
    readers: ['licensing', 'usage', 'customers'],
    payload: z.object({
      customerId: z.string(),
      /** What the license calls the customer: company, else full name, else e-mail. */
      customerName: z.string(),
      subscriptionId: z.string(),
      plan: z.enum(PLAN_KEYS),
      status: z.enum(SUBSCRIPTION_STATUSES),
      trialEndsAt: instant.nullable(),
      currentPeriodStart: instant.nullable(),
      /** Where the paid period or the trial ends; when it became past due for a past-due one (SPEC 6). */
      currentPeriodEndsAt: instant.nullable(),
      /** Where it is known to end: canceled at its period's end, or a contract with an end. Null or absent while it goes on. */
      endsAt: instant.nullish(),
      /** Where the period that usage counts in ends: it goes on while the customer owes. Absent where it is the same. */
      billingPeriodEndsAt: instant.nullish(),
      entitlements: entitlementsSchema,
      /** Rises by one at every change: what an older version says is stale. */
      version: z.number().int().positive(),
      updatedAt: instant,
      actor: z.string(),
      reason: z.string().nullable(),
    }),
  },
  /** What a customer's meters stand at in one of its billing periods, said anew each time that changes. */
  'usage.recorded': {
    publisher: 'usage',
    readers: ['billing'],
    payload: z.object({
      customerId: z.string(),
      periodStart: instant,
      periodEnd: instant,
      /** In the meter's own unit (devices, messages, bytes, calls), by SPEC 7: counters added up, gauges at their peak. */
      quantities: z.record(z.enum(METERS), count),
      /** Rises with every event of this customer: what an older one says is stale. */
      revision: z.number().int().positive(),
      at: instant,
    }),
  },
  /**
   * The invoice of a billing period is final: what is reported for that period from then on is late, and billed beside the next
   * one. Of a period that nobody bills (a trial, a contract) it says that: nothing is late, and no invoice is waited for.
   */
  'period.invoiced': {
    publisher: 'billing',
    readers: ['usage'],
    payload: z.object({
      customerId: z.string(),
      periodStart: instant,
      periodEnd: instant,
      /** Empty where there is none. */
      invoiceId: z.string(),
      at: instant,
      /** False for a period that nobody bills; absent is true. */
      isBilled: z.boolean().optional(),
    }),
  },
  /** A threshold of what is included, or of maxDevices, was reached; of two reached at once the higher. usage hears it for those who watch. */
  'usage.alert_raised': {
    publisher: 'usage',
    readers: ['billing', 'usage'],
    payload: z.object({
      alertId: z.string(),
      customerId: z.string(),
      kind: z.enum(USAGE_ALERT_KINDS),
      meter: z.enum(METERS),
      /** Percent. */
      threshold: count,
      used: count,
      included: count,
      periodStart: instant,
      at: instant,
    }),
  },
  /** Usage looks wrong. usage hears it for those who watch. */
  'usage.anomaly_raised': {
    publisher: 'usage',
    readers: ['billing', 'usage'],
    payload: z.object({
      anomalyId: z.string(),
      customerId: z.string(),
      kind: z.enum(USAGE_ANOMALY_KINDS),
      instanceName: z.string().nullable(),
      meter: z.enum(METERS).nullable(),
      /** A sentence or two, in English. */
      detail: z.string(),
      at: instant,
    }),
  },
  /** What was asked of an instance's deployment began, ended, or is tried again. */
  'deployment.changed': {
    publisher: 'customers',
    readers: ['billing'],
    payload: z.object({
      customerId: z.string(),
      deploymentId: z.string(),
      instanceId: z.string(),
      instanceName: z.string(),
      operation: z.enum(['DEPLOY', 'REMOVE']),
      status: z.enum(['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'REMOVED']),
      /** Rises each time that something is asked for. */
      run: z.number().int().positive(),
      /** The word for what went wrong, and a sentence. */
      reason: z.string().nullable(),
      error: z.string().nullable(),
      at: instant,
    }),
  },
  'billing.audited': { publisher: 'billing', readers: ['customers'], payload: audited },
  'licensing.audited': { publisher: 'licensing', readers: ['customers'], payload: audited },
  'usage.audited': { publisher: 'usage', readers: ['customers'], payload: audited },
  /** An operator took a customer's license back. */
  'license.revoked': { publisher: 'licensing', readers: ['billing'], payload: z.object({ customerId: z.string(), licenseId: z.string(), reason: z.string(), actor: z.string(), at: instant }) },
} as const satisfies Record<string, { publisher: SubgraphName; readers: readonly SubgraphName[]; payload: z.ZodType }>;

export type EventName = keyof typeof EVENTS;
export type EventPayload<N extends EventName> = z.infer<(typeof EVENTS)[N]['payload']>;
/** The events that a subgraph may publish. */
export type EventsOf<S extends SubgraphName> = { [N in EventName]: (typeof EVENTS)[N]['publisher'] extends S ? N : never }[EventName];
/** The events that a subgraph hears. */
export type EventsHeardBy<S extends SubgraphName> = { [N in EventName]: S extends (typeof EVENTS)[N]['readers'][number] ? N : never }[EventName];
