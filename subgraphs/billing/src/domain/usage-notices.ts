import { METERS, type Meter, USAGE_ALERT_KINDS, USAGE_ANOMALY_KINDS } from '@iotistic/contracts/events';
import { z } from 'zod';
import { planIn, bookOf } from './price-book.ts';
import type { Subscription } from './subscription.ts';

const common = { id: z.string(), customerId: z.string() };
const count = z.number();

/** A threshold that was reached. `used` and `included` in the meter's own unit. */
const alertNoticeSchema = z.object({ ...common, type: z.literal('ALERT'), kind: z.enum(USAGE_ALERT_KINDS), meter: z.enum(METERS), threshold: count, used: count, included: count, periodStart: z.string() });
/** Something that looks wrong. `detail` is a sentence or two for people. */
const anomalyNoticeSchema = z.object({ ...common, type: z.literal('ANOMALY'), kind: z.enum(USAGE_ANOMALY_KINDS), instanceName: z.string().nullable(), meter: z.enum(METERS).nullable(), detail: z.string() });
export const usageNoticeSchema = z.discriminatedUnion('type', [alertNoticeSchema, anomalyNoticeSchema]);

export type AlertNotice = z.infer<typeof alertNoticeSchema>;
export type AnomalyNotice = z.infer<typeof anomalyNoticeSchema>;
export type UsageNotice = z.infer<typeof usageNoticeSchema>;

/** What goes on where this was noticed: two of one customer with the same cause speak of the same. */
export function causeOf(notice: UsageNotice): string {
  if (notice.type === 'ALERT') return `${notice.kind}:${notice.meter}:${notice.periodStart}:${notice.threshold}`;
  return `${notice.kind}:${notice.meter ?? notice.instanceName ?? ''}`;
}

/** The meters that cost the customer something: those with a price in its plan, and those that a contract counts. */
export function billedMeters(subscription: Pick<Subscription, 'book' | 'plan' | 'isContract' | 'entitlements'> | null): ReadonlySet<Meter> {
  if (subscription === null) return new Set();
  const { book, plan, isContract, entitlements } = subscription;
  const priced = planIn(bookOf(book), plan).meteredPrices.map(({ meter }) => meter);
  const counted = isContract ? METERS.filter((meter) => typeof entitlements.included[meter] === 'number') : [];
  return new Set([...priced, ...counted]);
}

export interface WorthyNotices {
  /** Of each kind and meter the highest threshold, the most severe first. */
  alerts: AlertNotice[];
  /** Meters far above what is usual. */
  trends: AnomalyNotice[];
  silent: AnomalyNotice[];
  reused: AnomalyNotice[];
}

/**
 * What of these a customer should read: billed meters and limits, each matter once. A spike that a mail spoke of already and
 * that goes on, over midnight for instance, is none; overlapping intervals are for operators to look into.
 */
export function worthyNotices(waiting: readonly { notice: UsageNotice; goesOn: boolean }[], billed: ReadonlySet<Meter>): WorthyNotices {
  const notices = waiting.map(({ notice }) => notice);
  const anomalies = waiting.flatMap(({ notice, goesOn }) => (notice.type === 'ANOMALY' ? [{ notice, goesOn }] : []));
  const ofKind = (kind: AnomalyNotice['kind']): AnomalyNotice[] => unique(anomalies.filter(({ notice }) => notice.kind === kind).map(({ notice }) => notice));
  const goingOn = new Set(anomalies.filter(({ goesOn }) => goesOn).map(({ notice }) => notice.id));
  return {
    alerts: worthyAlerts(notices.filter((notice) => notice.type === 'ALERT'), billed),
    trends: ofKind('ABOVE_TREND').filter(({ id, meter }) => !goingOn.has(id) && meter !== null && billed.has(meter)),
    silent: ofKind('INSTANCE_SILENT'),
    reused: ofKind('SEQUENCE_REUSED'),
  };
}

function worthyAlerts(alerts: readonly AlertNotice[], billed: ReadonlySet<Meter>): AlertNotice[] {
  const matter = alerts.filter(({ kind, meter }) => kind === 'MAX_DEVICES' || billed.has(meter));
  const isSame = (one: AlertNotice, other: AlertNotice): boolean => one.kind === other.kind && one.meter === other.meter;
  // Of the same threshold in two periods the later one: the earlier period is over.
  const ranked = matter.toSorted((one, other) => other.periodStart.localeCompare(one.periodStart) || other.threshold - one.threshold);
  const highest = ranked.filter((one, index) => ranked.findIndex((other) => isSame(one, other)) === index);
  const limit = highest.find(({ kind }) => kind === 'MAX_DEVICES');
  const isSaidByLimit = ({ kind, meter, included, threshold }: AlertNotice): boolean => kind === 'INCLUDED' && meter === 'DEVICES' && limit !== undefined && limit.included === included && limit.threshold >= threshold;
  return highest.filter((alert) => !isSaidByLimit(alert)).toSorted((one, other) => other.threshold - one.threshold || Number(other.kind === 'MAX_DEVICES') - Number(one.kind === 'MAX_DEVICES') || METERS.indexOf(one.meter) - METERS.indexOf(other.meter));
}

/** The latest of each cause. */
function unique(notices: readonly AnomalyNotice[]): AnomalyNotice[] {
  return [...new Map(notices.map((notice) => [causeOf(notice), notice])).values()];
}
