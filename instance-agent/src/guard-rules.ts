import { UNLIMITED } from '@iotistic/contracts/license';
import type { KeeperState } from './license-states.ts';

/** What a guard looks at: what the agent's `licenseStatus()` says, and where an upgrade is to be had. */
export interface GuardContext {
  state: KeeperState;
  plan: string | null;
  /** Of the subscription: active, trialing, past_due… */
  status: string | null;
  /** In force: the unlicensed ones when the license says so. */
  features: Readonly<Record<string, boolean | number>>;
  limits: Readonly<Record<string, number>>;
  calendar: { graceUntil: string; readOnlyFrom: string; unlicensedFrom: string } | null;
  upgradeUrl: string;
}

/** What a refused request is answered with. */
export interface GuardRefusal {
  status: 403;
  body: { error: string; message: string; details: Record<string, string | number | null>; upgradeUrl: string };
}

/** Refused, or allowed; while the license is in its grace, with a word of warning. */
export interface GuardVerdict {
  refusal: GuardRefusal | null;
  warning: string | null;
}

/**
 * What makes something new: from `readOnlyFrom` on there is none of it (SPEC 6). Everything else is what runs already, and
 * keeps running: jobs, remote access, the APIs, alerts and dashboards that exist. Whatever a later plan names is held for
 * something that runs.
 */
const MAKES_SOMETHING_NEW: ReadonlySet<string> = new Set(['canExportData', 'canScheduleJobs', 'hasOtaUpdates', 'hasCustomDashboards', 'hasCustomBranding']);

/** Subscriptions that are paid for, or about to be: a past-due one keeps working through its grace. */
const ACTIVE_STATUSES: ReadonlySet<string> = new Set(['active', 'trialing', 'past_due']);

/** A feature that no license names is not granted. */
export function checkFeature(context: GuardContext, feature: string): GuardVerdict {
  const granted = context.features[feature] === true;
  if (!granted) return refuse(context, 'Feature not available', `${planText(context)} does not include ${feature}. Please upgrade your plan to use it.`, { feature, plan: context.plan });
  if (context.state === 'read-only' && MAKES_SOMETHING_NEW.has(feature)) return refuseReadOnly(context, { feature });
  return allow(context);
}

/**
 * Whether one more device may be added. Asked where a provisioning key is made, with the number of active devices: those
 * that exist are never cut off.
 */
export function checkDeviceLimit(context: GuardContext, currentDevices: number): GuardVerdict {
  const named = context.features['maxDevices'];
  const maxDevices = typeof named === 'number' ? named : 0;
  if (context.state === 'read-only') return refuseReadOnly(context, { currentDevices, maxDevices });
  if (maxDevices >= UNLIMITED || currentDevices < maxDevices) return allow(context);
  const message = `${planText(context)} allows a maximum of ${maxDevices} devices. You currently have ${currentDevices} active devices. Please upgrade your plan to add more devices.`;
  return refuse(context, 'Device limit exceeded', message, { currentDevices, maxDevices, plan: context.plan });
}

/** Whether one more of what a limit counts may be made (maxUsers, maxAlertRules, …). Without a license that counts none is: its limits are not known. */
export function checkLimit(context: GuardContext, limit: string, current: number): GuardVerdict {
  const maximum = context.limits[limit] ?? 0;
  if (context.state === 'read-only') return refuseReadOnly(context, { limit, current, maximum });
  if (maximum >= UNLIMITED || current < maximum) return allow(context);
  return refuse(context, 'Limit exceeded', `${planText(context)} allows ${maximum} for ${limit}. You currently have ${current}. Please upgrade your plan.`, { limit, current, maximum, plan: context.plan });
}

/** Whether the subscription is in order, as far as the license tells: paid, on trial, or past due within its grace. */
export function checkActiveSubscription(context: GuardContext): GuardVerdict {
  const runs = context.state === 'licensed' || context.state === 'grace';
  if (runs && ACTIVE_STATUSES.has(context.status ?? '')) return allow(context);
  if (context.state === 'grace') return allow(context);
  return refuse(context, 'Subscription not active', 'There is no active subscription. Please renew your plan.', { status: context.status, state: context.state, plan: context.plan });
}

function allow(context: GuardContext): GuardVerdict {
  const until = context.calendar?.graceUntil;
  return { refusal: null, warning: context.state === 'grace' && until !== undefined ? `The license has expired: everything works until ${until}, then nothing new can be added` : null };
}

function refuse({ upgradeUrl }: GuardContext, error: string, message: string, details: Record<string, string | number | null>): GuardVerdict {
  return { refusal: { status: 403, body: { error, message, details, upgradeUrl } }, warning: null };
}

function refuseReadOnly(context: GuardContext, details: Record<string, string | number | null>): GuardVerdict {
  const until = context.calendar?.unlicensedFrom ?? null;
  return refuse(context, 'License is read-only', 'The license has expired. What runs keeps running, but nothing new can be added until it is renewed.', { ...details, plan: context.plan, unlicensedFrom: until });
}

function planText({ plan, state }: GuardContext): string {
  return plan === null || state === 'unlicensed' || state === 'expired' ? 'An unlicensed instance' : `Your ${plan} plan`;
}
