import { instantText } from '@iotistic/contracts/meter-text';
import { type ConsolePage, pageUrl } from './console-pages.ts';
import { formatMoney } from './money.ts';
import type { StripeStanding } from './stripe-standing.ts';
import type { Subscription } from './subscription.ts';
import type { TransitionMail } from './subscription-transitions.ts';

export interface BillingMail {
  /** The same for the same occasion: it goes once. */
  key: string;
  subject: string;
  text: string;
  html: string;
  /** Where the reader stops mails of this kind with one request; absent on what is about money or access. */
  unsubscribeUrl?: string;
}

export interface MailFacts {
  subscription: Subscription;
  /** How it stands at Stripe; null where Stripe has no part in it. */
  standing: StripeStanding | null;
  name: string;
  consoleUrl: string;
}

const GRACE_DAYS = 7;
const READ_ONLY_DAYS = 14;
const DAY_MS = 86_400_000;

/** What a customer is told when its subscription became another. */
export function mailOfTransition(kind: TransitionMail, facts: MailFacts): BillingMail {
  return WRITERS[kind](facts);
}

/** Before a trial ends. @param reminder.key of the reminder, so that each goes once */
export function trialEndingMail(facts: Omit<MailFacts, 'standing'>, reminder: { daysLeft: number; key: string }): BillingMail {
  const { subscription, name, consoleUrl } = facts;
  const days = reminder.daysLeft === 1 ? 'in one day' : `in ${reminder.daysLeft} days`;
  const follows = subscription.stripeSubscriptionId === null ? ['Choose a plan before then, and nothing changes for your devices.', ...calendar('Without a plan', subscription.trialEndsAt)] : [`Your ${planName(subscription)} plan begins then, and your card is charged for the first time.`];
  return letter(reminder.key, `Your Iotistic trial ends ${days}`, name, [`Your trial ends on ${dateText(subscription.trialEndsAt)}.`, ...follows], linkTo(consoleUrl, '/plan', subscription.stripeSubscriptionId === null ? 'Choose a plan' : 'Your plan'));
}

/** An operator took the license back: what happens from here, to the minute. */
export function licenseRevokedMail(facts: { licenseId: string; reason: string; at: Date; name: string; consoleUrl: string }): BillingMail {
  const { licenseId, reason, at, name, consoleUrl } = facts;
  return letter(`license_revoked:${licenseId}`, 'Your Iotistic license was revoked', name, [`We revoked your license on ${dateText(at)}. The reason: ${reason}`, ...calendar('As long as it is revoked', at), 'Please get in touch with us.'], linkTo(consoleUrl, '/license', 'Your license'));
}

/** To the operator: Stripe would bill something else than what was reported. Once for each cause in a period. */
export function meteringDifferenceMail(facts: { customerId: string; name: string; periodStart: Date; cause: string; meters: readonly { meter: string; reported: number; stripe: number; explanation: string | null }[]; consoleUrl: string }): BillingMail {
  const { customerId, name, periodStart, cause, meters, consoleUrl } = facts;
  const lines = meters.map(({ meter, reported, stripe, explanation }) => `${meter}: reported ${reported.toLocaleString('en-US')}, at Stripe ${stripe.toLocaleString('en-US')}. ${explanation ?? ''}`);
  const opening = `Stripe does not have what was reported for ${name} (${customerId}) in the period that began on ${dateText(periodStart)}. In billed units:`;
  return letter(`metering_difference:${customerId}:${periodStart.toISOString()}:${cause}`, `Stripe does not have what ${name} used (${cause})`, '', [opening, ...lines, `What Stripe has, meter by meter: iotctl stripe reconcile --customer ${customerId}. Repair it while the invoice is open.`], linkTo(consoleUrl, '/money/reconciliation', 'The reconciliation'));
}

const WRITERS: Readonly<Record<TransitionMail, (facts: MailFacts) => BillingMail>> = {
  subscription_started: ({ subscription, standing, name, consoleUrl }) =>
    letter(`subscription_started:${subscription.stripeSubscriptionId ?? subscription.id}`, `Welcome to Iotistic ${planName(subscription)}`, name, [`Your ${planName(subscription)} plan has begun. Your license was renewed with it; your instances fetch it by themselves.`, ...(standing === null || subscription.currentPeriodEndsAt === null ? [] : [`The current period ends on ${dateText(subscription.currentPeriodEndsAt)}.`])], linkTo(consoleUrl, '/plan', 'Your plan')),
  payment_failed: ({ subscription, standing, name, consoleUrl }) => {
    const invoice = standing?.oldestUnpaidInvoice ?? standing?.latestInvoice ?? null;
    const due = invoice?.amountDue === undefined ? 'A payment' : `A payment of ${formatMoney(invoice.amountDue.amount, invoice.amountDue.currency)}`;
    const link = invoice?.hostedUrl === undefined || invoice.hostedUrl === null ? linkTo(consoleUrl, '/plan', 'Your plan') : { label: 'Pay, or change the card', url: invoice.hostedUrl };
    return letter(`payment_failed:${invoice?.id ?? subscription.id}`, 'Your Iotistic payment did not go through', name, [`${due} for your subscription failed. We will try again in a few days. You can also pay now, or give us another card.`, ...calendar('As long as it is not paid', subscription.currentPeriodEndsAt)], link);
  },
  payment_recovered: ({ subscription, standing, name, consoleUrl }) =>
    letter(`payment_recovered:${standing?.latestInvoice?.id ?? `${subscription.id}:${subscription.version}`}`, 'Thank you, your Iotistic payment arrived', name, ['Your payment went through, and your subscription is in order again.'], linkTo(consoleUrl, '/plan', 'Your plan')),
  trial_ended: ({ subscription, name, consoleUrl }) =>
    letter(`trial_ended:${subscription.stripeSubscriptionId ?? subscription.id}:${subscription.trialEndsAt?.toISOString().slice(0, 10) ?? ''}`, 'Your Iotistic trial has ended', name, [`Your trial ended on ${dateText(subscription.trialEndsAt)}.`, ...calendar('Without a plan', subscription.currentPeriodEndsAt)], linkTo(consoleUrl, '/plan', 'Choose a plan')),
  subscription_canceled: ({ subscription, name, consoleUrl }) =>
    letter(`subscription_canceled:${subscription.stripeSubscriptionId ?? `${subscription.id}:${subscription.version}`}`, 'Your Iotistic subscription has ended', name, [`Your subscription ended on ${dateText(subscription.currentPeriodEndsAt)}. You can begin again at any time.`, ...calendar('Without a plan', subscription.currentPeriodEndsAt)], linkTo(consoleUrl, '/plan', 'Choose a plan')),
};

/** What a license does after its end, to the minute. @param condition the words that it begins with */
function calendar(condition: string, end: Date | null): string[] {
  if (end === null) return [];
  const after = (days: number): string => dateText(new Date(end.getTime() + days * DAY_MS));
  return [`${condition}, everything works as before until ${after(GRACE_DAYS)}. From then until ${after(GRACE_DAYS + READ_ONLY_DAYS)} you can add nothing new, and what runs keeps running. After that, the limits of an instance without a license hold. Your devices and their data are never cut off.`];
}

function planName({ plan }: Subscription): string {
  return `${plan.charAt(0)}${plan.slice(1).toLowerCase()}`;
}

export function dateText(date: Date | null): string {
  return date === null ? 'no date' : instantText(date);
}

/** A link to a page of the console. */
export function linkTo(consoleUrl: string, page: ConsolePage, label: string): { label: string; url: string } {
  return { label, url: pageUrl(consoleUrl, page) };
}

/** A mail with a greeting, these paragraphs and one link; with a way to stop such mails where they may be stopped. */
export function letter(key: string, subject: string, name: string, paragraphs: readonly string[], link: { label: string; url: string }, unsubscribeUrl?: string): BillingMail {
  const greeting = name === '' ? 'Hello,' : `Hello ${name},`;
  const text = [greeting, ...paragraphs, `${link.label}: ${link.url}`, 'Iotistic', ...(unsubscribeUrl === undefined ? [] : [`Stop mails like this one: ${unsubscribeUrl}`])].join('\n\n');
  const html = `<!doctype html><html lang="en"><body style="font:16px/1.5 system-ui,sans-serif;color:#1a2332;max-width:36em">${[greeting, ...paragraphs].map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('')}<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a></p><p>Iotistic</p>${unsubscribeUrl === undefined ? '' : `<p style="font-size:13px"><a href="${escapeHtml(unsubscribeUrl)}">Stop mails like this one</a></p>`}</body></html>`;
  return { key, subject: subjectOf(subject), text, html, ...(unsubscribeUrl === undefined ? {} : { unsubscribeUrl }) };
}

const MAX_SUBJECT_CHARACTERS = 200;

/** One line: names that others gave may have line ends in them, or be as long as a page. */
function subjectOf(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  const shown = Array.from(new Intl.Segmenter('en').segment(line), ({ segment }) => segment);
  return shown.length > MAX_SUBJECT_CHARACTERS ? `${shown.slice(0, MAX_SUBJECT_CHARACTERS - 1).join('')}…` : line;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
