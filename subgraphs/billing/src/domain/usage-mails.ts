import { METER_NAMES, instantText, quantityText } from '@iotistic/contracts/meter-text';
import type { StoppableMail } from './mail-preferences.ts';
import { type BillingMail, letter, linkTo } from './mails.ts';
import type { AlertNotice, AnomalyNotice, WorthyNotices } from './usage-notices.ts';

interface Recipient {
  name: string;
  consoleUrl: string;
  stopped: readonly string[];
  /** Where a mail of this kind is stopped. */
  unsubscribeUrl: (kind: StoppableMail) => string;
}

const MAX_NAMED = 10;

/**
 * One mail for each cause, of what the customer did not stop: all that is about quantities in one, all instances that are
 * silent in one, all that two agents share in one. `noticeIds`: of the notices that the mail speaks of.
 */
export function usageMails(notices: WorthyNotices, recipient: Recipient): { mail: BillingMail; noticeIds: string[] }[] {
  const goes = (kind: StoppableMail): boolean => !recipient.stopped.includes(kind);
  const alerts = notices.alerts.filter(({ threshold }) => threshold >= 100 || goes('USAGE_WARNINGS'));
  const trends = goes('USAGE_ANOMALIES') ? notices.trends : [];
  const written = (mail: BillingMail, about: readonly { id: string }[]) => ({ mail, noticeIds: about.map(({ id }) => id) });
  const mails = alerts.length + trends.length === 0 ? [] : [written(quantityMail(alerts, trends, recipient), [...alerts, ...trends])];
  if (!goes('USAGE_ANOMALIES')) return mails;
  if (notices.silent.length > 0) mails.push(written(silenceMail(notices.silent, recipient), notices.silent));
  if (notices.reused.length > 0) mails.push(written(reuseMail(notices.reused, recipient), notices.reused));
  return mails;
}

/** Thresholds and spikes have the same cause where they come together: much is used. */
function quantityMail(alerts: readonly AlertNotice[], trends: readonly AnomalyNotice[], { name, consoleUrl, unsubscribeUrl }: Recipient): BillingMail {
  const [alert] = alerts;
  const [trend] = trends;
  const key = alert === undefined ? `usage_anomaly:${trend?.id ?? ''}` : `usage_alert:${alert.id}`;
  const subject = alert === undefined ? `Your ${list(trends.map(meterName))} rose far above what is usual` : alertSubject(alerts);
  const facts = alert === undefined ? [] : [`In the billing period that began on ${instantText(new Date(alert.periodStart))}:`, ...alerts.map(alertText), ...(alerts.some(({ kind }) => kind === 'INCLUDED') ? ['Nothing is cut off.'] : [])];
  const rises = trends.map((one) => `${capital(meterName(one))}: ${one.detail}`);
  const advice = trends.length === 0 ? [] : ['If you expected that, there is nothing to do.'];
  // What is about money or access cannot be stopped.
  const stop = alerts.some(({ threshold }) => threshold >= 100) ? undefined : unsubscribeUrl(alert === undefined ? 'USAGE_ANOMALIES' : 'USAGE_WARNINGS');
  return letter(key, subject, name, [...facts, ...rises, ...advice], linkTo(consoleUrl, '/usage', 'Your usage'), stop);
}

/** Of the most severe, with the others that are like it. */
function alertSubject(alerts: readonly AlertNotice[]): string {
  const [first] = alerts;
  if (first?.kind === 'MAX_DEVICES') return `You reached ${first.threshold} % of the devices that your Iotistic plan allows`;
  const alike = alerts.filter(({ kind, threshold }) => kind === 'INCLUDED' && threshold === first?.threshold);
  return `You reached ${first?.threshold ?? 0} % of the ${list(alike.map(meterName))} in your Iotistic plan`;
}

/** What was used of what, and what follows from it. */
function alertText(alert: AlertNotice): string {
  const { kind, threshold } = alert;
  if (kind === 'INCLUDED') return `${alertFact(alert)}${threshold < 100 ? ', and what goes beyond that is charged by use' : '. What goes beyond that is charged by use'}.`;
  return `${alertFact(alert)}. ${threshold < 100 ? 'At that number you can add no more devices; those you have keep running.' : 'You can add no more devices; those you have keep running. A larger plan allows more.'}`;
}

function alertFact({ kind, meter, used, included }: AlertNotice): string {
  const limit = `your plan ${kind === 'MAX_DEVICES' ? 'allows' : 'includes'} ${quantityText(meter, included)}`;
  if (meter === 'DEVICES') return `You had ${quantityText(meter, used)} active devices at a time; ${limit}`;
  if (meter === 'STORAGE_BYTES') return `You stored ${quantityText(meter, used)}; ${limit}`;
  return `You used ${quantityText(meter, used)} ${meter.endsWith('_BYTES') ? 'of ' : ''}${METER_NAMES[meter]}; ${limit}`;
}

function silenceMail(silent: readonly AnomalyNotice[], { name, consoleUrl, unsubscribeUrl }: Recipient): BillingMail {
  const [first] = silent;
  const subject = silent.length === 1 ? `Your Iotistic instance ${instanceName(first)} stopped reporting` : `${silent.length} of your Iotistic instances stopped reporting`;
  const advice = 'Please check whether it runs and can reach us. What it measures in the meantime is kept and sent later. Its license stays valid until it ends.';
  const paragraphs = [...named(silent), silent.length === 1 ? advice : 'Please check whether they run and can reach us. What they measure in the meantime is kept and sent later. Their licenses stay valid until they end.'];
  return letter(`usage_anomaly:${first?.id ?? ''}`, subject, name, paragraphs, linkTo(consoleUrl, '/instances', 'Your instances'), unsubscribeUrl('USAGE_ANOMALIES'));
}

function reuseMail(reused: readonly AnomalyNotice[], { name, consoleUrl, unsubscribeUrl }: Recipient): BillingMail {
  const [first] = reused;
  const subject = reused.length === 1 ? `Two agents report as your Iotistic instance ${instanceName(first)}` : `Two agents report as each of ${reused.length} Iotistic instances`;
  const advice = 'If you copied an instance, give the copy a name of its own: otherwise what both measure counts as the usage of one. If you set it up again, there is nothing to do.';
  return letter(`usage_anomaly:${first?.id ?? ''}`, subject, name, [...named(reused), advice], linkTo(consoleUrl, '/instances', 'Your instances'), unsubscribeUrl('USAGE_ANOMALIES'));
}

/** A line for each, up to so many. */
function named(notices: readonly AnomalyNotice[]): string[] {
  if (notices.length === 1) return notices.map(({ detail }) => capital(detail));
  const more = notices.length - MAX_NAMED;
  return [...notices.slice(0, MAX_NAMED).map((notice) => `${instanceName(notice)}: ${notice.detail}`), ...(more > 0 ? [`And ${more} more.`] : [])];
}

function instanceName(notice: AnomalyNotice | undefined): string {
  return notice?.instanceName ?? '';
}

function meterName({ meter }: AlertNotice | AnomalyNotice): string {
  return meter === null ? 'usage' : METER_NAMES[meter];
}

/** "devices, storage and API calls" */
function list(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
