import type { EventPayload, Meter, UsageAnomalyKind } from '@iotistic/contracts/events';
import { type BillingMail, dateText, letter } from './mails.ts';

interface Recipient {
  name: string;
  consoleUrl: string;
}

const METER_NAMES: Record<Meter, string> = {
  DEVICES: 'devices',
  MQTT_MESSAGES: 'MQTT messages',
  MQTT_BYTES: 'MQTT traffic',
  HTTP_BYTES: 'HTTP traffic',
  API_CALLS: 'API calls',
  STORAGE_BYTES: 'storage',
};
const BYTE_METERS: ReadonlySet<Meter> = new Set(['MQTT_BYTES', 'HTTP_BYTES', 'STORAGE_BYTES']);
const BYTES_PER_GB = 1_000_000_000;

/** A threshold was reached: what was used, of what, and what follows. */
export function usageAlertMail(alert: EventPayload<'usage.alert_raised'>, { name, consoleUrl }: Recipient): BillingMail {
  const { alertId, kind, meter, threshold, used, included, periodStart } = alert;
  const subject = kind === 'MAX_DEVICES' ? `You reached ${threshold} % of the devices that your Iotistic plan allows` : `You reached ${threshold} % of the ${METER_NAMES[meter]} in your Iotistic plan`;
  const fact = `In the period that began on ${dateText(new Date(periodStart))} you used ${amountText(meter, used)} of ${amountText(meter, included)}${kind === 'MAX_DEVICES' ? ', the most that your plan allows' : ' that are included'}.`;
  return letter(`usage_alert:${alertId}`, subject, name, [fact, consequence(kind, threshold)], { label: 'Your usage', url: consoleUrl });
}

function consequence(kind: EventPayload<'usage.alert_raised'>['kind'], threshold: number): string {
  if (kind === 'MAX_DEVICES') return threshold < 100 ? 'At the limit no more devices can be added; those you have keep running.' : 'No more devices can be added; those you have keep running. A larger plan allows more.';
  return threshold < 100 ? 'What goes beyond is charged by use, where your plan has a price for it. Nothing is cut off.' : 'What goes beyond is charged by use from here on, where your plan has a price for it. Nothing is cut off.';
}

function amountText(meter: Meter, amount: number): string {
  const format = (value: number): string => new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 }).format(value);
  return BYTE_METERS.has(meter) ? `${format(amount / BYTES_PER_GB)} GB` : format(amount);
}

type Anomaly = EventPayload<'usage.anomaly_raised'>;

/** What a customer is told of; overlapping intervals are for operators to look into. */
const ANOMALY_LETTERS: Partial<Record<UsageAnomalyKind, (anomaly: Anomaly) => { subject: string; advice: string }>> = {
  INSTANCE_SILENT: ({ instanceName }) => ({
    subject: `Your Iotistic instance ${instanceName ?? ''} stopped reporting`,
    advice: 'Please see whether it runs and reaches us. What it measures meanwhile is kept and sent later; its license stays valid until it ends.',
  }),
  SEQUENCE_REUSED: ({ instanceName }) => ({
    subject: `Two agents report as your Iotistic instance ${instanceName ?? ''}`,
    advice: 'If you copied the instance, give the copy a name of its own: otherwise what both measure counts as the usage of one. If you set it up anew, there is nothing to do.',
  }),
  ABOVE_TREND: ({ meter }) => ({
    subject: `Your ${meter === null ? 'usage' : METER_NAMES[meter]} rose far above what is usual`,
    advice: 'If you expected that, there is nothing to do.',
  }),
};

/** null for a kind that customers are not told of. */
export function usageAnomalyMail(anomaly: Anomaly, { name, consoleUrl }: Recipient): BillingMail | null {
  const told = ANOMALY_LETTERS[anomaly.kind]?.(anomaly);
  if (told === undefined) return null;
  const about = anomaly.meter === null ? anomaly.detail : `${METER_NAMES[anomaly.meter]}: ${anomaly.detail}`;
  return letter(`usage_anomaly:${anomaly.anomalyId}`, told.subject, name, [about.charAt(0).toUpperCase() + about.slice(1), told.advice], { label: 'Your usage', url: consoleUrl });
}
