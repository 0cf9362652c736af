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
  const follows = subscription.stripeSubscriptionId === null ? ['Choose a plan before then and nothing changes for your devices.', ...calendar(subscription.trialEndsAt)] : [`Your plan ${planName(subscription)} begins then, and your card is charged for the first time.`];
  return letter(reminder.key, `Your Iotistic trial ends ${days}`, name, [`Your trial ends on ${dateText(subscription.trialEndsAt)}.`, ...follows], { label: 'Your account', url: consoleUrl });
}

/** An operator took the license back: what happens from here, to the day. */
export function licenseRevokedMail(facts: { licenseId: string; reason: string; at: Date; name: string; consoleUrl: string }): BillingMail {
  const { licenseId, reason, at, name, consoleUrl } = facts;
  return letter(`license_revoked:${licenseId}`, 'Your Iotistic license was revoked', name, [`Your license was revoked on ${dateText(at)}: ${reason}`, ...calendar(at), 'Please get in touch with us.'], { label: 'Your account', url: consoleUrl });
}

/** To the operator: Stripe would bill something else than what was reported. Once for each cause in a period. */
export function meteringDifferenceMail(facts: { customerId: string; name: string; periodStart: Date; cause: string; meters: readonly { meter: string; reported: number; stripe: number; explanation: string | null }[]; consoleUrl: string }): BillingMail {
  const { customerId, name, periodStart, cause, meters, consoleUrl } = facts;
  const lines = meters.map(({ meter, reported, stripe, explanation }) => `${meter}: reported ${reported}, at Stripe ${stripe}. ${explanation ?? ''}`);
  return letter(`metering_difference:${customerId}:${periodStart.toISOString()}:${cause}`, `Stripe does not have what ${name} used (${cause})`, '', [`In the period of ${name} (${customerId}) that began on ${dateText(periodStart)}, Stripe does not have what was reported, in billed units:`, ...lines, 'Look at its reconciliation, and repair its metering while the invoice is open.'], { label: 'The console', url: consoleUrl });
}

const WRITERS: Readonly<Record<TransitionMail, (facts: MailFacts) => BillingMail>> = {
  subscription_started: ({ subscription, standing, name, consoleUrl }) =>
    letter(`subscription_started:${subscription.stripeSubscriptionId ?? subscription.id}`, `Welcome to Iotistic ${planName(subscription)}`, name, [`Your plan ${planName(subscription)} has begun. Your license was renewed with it; your instances fetch it by themselves.`, ...(standing === null || subscription.currentPeriodEndsAt === null ? [] : [`The current period ends on ${dateText(subscription.currentPeriodEndsAt)}.`])], { label: 'Your account', url: consoleUrl }),
  payment_failed: ({ subscription, standing, name, consoleUrl }) => {
    const invoice = standing?.oldestUnpaidInvoice ?? standing?.latestInvoice ?? null;
    const due = invoice?.amountDue === undefined ? 'A payment' : `A payment of ${formatMoney(invoice.amountDue.amount, invoice.amountDue.currency)}`;
    return letter(`payment_failed:${invoice?.id ?? subscription.id}`, 'Your Iotistic payment did not go through', name, [`${due} for your subscription failed. We will try again in a few days; you can also pay, or give another card, right now.`, ...calendar(subscription.currentPeriodEndsAt)], { label: 'Pay, or change the card', url: invoice?.hostedUrl ?? consoleUrl });
  },
  payment_recovered: ({ subscription, standing, name, consoleUrl }) =>
    letter(`payment_recovered:${standing?.latestInvoice?.id ?? `${subscription.id}:${subscription.version}`}`, 'Thank you, your Iotistic payment arrived', name, ['Your payment went through and your subscription is in order again.'], { label: 'Your account', url: consoleUrl }),
  trial_ended: ({ subscription, name, consoleUrl }) =>
    letter(`trial_ended:${subscription.stripeSubscriptionId ?? subscription.id}:${subscription.trialEndsAt?.toISOString().slice(0, 10) ?? ''}`, 'Your Iotistic trial has ended', name, [`Your trial ended on ${dateText(subscription.trialEndsAt)}.`, ...calendar(subscription.currentPeriodEndsAt)], { label: 'Choose a plan', url: consoleUrl }),
  subscription_canceled: ({ subscription, name, consoleUrl }) =>
    letter(`subscription_canceled:${subscription.stripeSubscriptionId ?? `${subscription.id}:${subscription.version}`}`, 'Your Iotistic subscription has ended', name, [`Your subscription ended on ${dateText(subscription.currentPeriodEndsAt)}. You can begin again at any time.`, ...calendar(subscription.currentPeriodEndsAt)], { label: 'Your account', url: consoleUrl }),
};

/** What a license does after its end (SPEC 6), to the day. */
function calendar(end: Date | null): string[] {
  if (end === null) return [];
  const after = (days: number): string => dateText(new Date(end.getTime() + days * DAY_MS));
  return [`Until ${after(GRACE_DAYS)} everything works as before. From then until ${after(GRACE_DAYS + READ_ONLY_DAYS)} nothing new can be added; what runs keeps running. After that the limits of an unlicensed instance hold. Your devices and their data are never cut off.`];
}

function planName({ plan }: Subscription): string {
  return `${plan.charAt(0)}${plan.slice(1).toLowerCase()}`;
}

export function dateText(date: Date | null): string {
  return date === null ? 'no date' : new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}

/** A mail with a greeting, these paragraphs and one link. */
export function letter(key: string, subject: string, name: string, paragraphs: readonly string[], link: { label: string; url: string }): BillingMail {
  const greeting = name === '' ? 'Hello,' : `Hello ${name},`;
  const text = [greeting, ...paragraphs, `${link.label}: ${link.url}`, 'Iotistic'].join('\n\n');
  const html = `<!doctype html><html lang="en"><body style="font:16px/1.5 system-ui,sans-serif;color:#1a2332;max-width:36em">${[greeting, ...paragraphs].map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('')}<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a></p><p>Iotistic</p></body></html>`;
  return { key, subject, text, html };
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
