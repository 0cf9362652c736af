import { CliError } from '../cli-error.ts';
import { confirmed, existing, known, type ChangeOptions, type Context } from '../context.ts';
import { CliChangePlanDocument, CliCreateCheckoutSessionDocument, CliQuotePlansDocument, type CliQuotePlansQuery, type PlanKey, type QuoteBasis } from '../generated.ts';
import { formatDetails, formatInstant, formatMoney, formatTable, printable } from '../printable.ts';

export interface UpgradeOptions extends ChangeOptions {
  plan: 'starter' | 'professional' | 'enterprise';
  successUrl?: string;
  cancelUrl?: string;
  promotionCode?: string;
  basis?: string;
  /** Also to a plan that the customer does not fit. */
  force?: boolean;
}

type QuotedCustomer = NonNullable<CliQuotePlansQuery['customer']>;
type Quote = NonNullable<QuotedCustomer['planComparison']>[number];

const BASES: Readonly<Record<QuoteBasis, string>> = {
  SO_FAR: 'the usage so far',
  PROJECTED: "what a month's usage will come to",
  LAST_PERIOD: 'the usage of the last period',
};

/** `so-far` → `SO_FAR`; a month's usage where nothing is said. */
function basisOf(text: string | undefined): QuoteBasis {
  return (text ?? 'projected').toUpperCase().replaceAll('-', '_') as QuoteBasis;
}

/** Who pays for nothing yet gets a checkout to pay by; who does is changed at once, when the operator says yes; a contract needs no checkout. */
export async function upgradeCustomer(context: Context, options: UpgradeOptions, id = ''): Promise<void> {
  const plan = options.plan.toUpperCase() as PlanKey;
  const customer = existing((await context.plane().ask(CliQuotePlansDocument, { id, basis: basisOf(options.basis) })).customer);
  if (options.dryRun === true) return quote(context, customer, plan);
  const checkout = plan === 'ENTERPRISE' ? null : await openCheckout(context, options, id, plan);
  if (checkout === null) await changePlan(context, options, customer, plan);
  else showCheckout(context, checkout, plan);
}

/** Every plan that the customer can have, with what a period's usage would cost on it and whether the customer fits it. */
export async function comparePlans(context: Context, { basis }: { basis?: string }, id = ''): Promise<void> {
  const asked = basisOf(basis);
  const { subscription, planComparison, ...customer } = existing((await context.plane().ask(CliQuotePlansDocument, { id, basis: asked })).customer);
  const quotes = known(planComparison);
  const current = known(subscription).plan.key;
  const used = quotes[0]?.basis ?? asked;
  context.answer({ customer: { id: customer.id }, plan: current, basis: used, quotes }, () =>
    [
      `Plans for ${printable(customer.companyName ?? customer.email)}, by ${BASES[used]}:`,
      formatTable(['Plan', 'A Month', 'Difference', 'Fits'], quotes.map((each) => [each.plan.key === current ? `${current} (now)` : each.plan.key, formatMoney(each.total), formatMoney(each.difference), fitText(each)])),
      ...(used === asked ? [] : ['There is no last period yet.']),
    ].join('\n'),
  );
}

function fitText({ fits, doesNotFit }: Pick<Quote, 'fits' | 'doesNotFit'>): string {
  return fits ? 'yes' : `no: ${doesNotFit.map(({ limit, allowed, current }) => `${limit} ${allowed}, has ${current}`).join('; ')}`;
}

function quote(context: Context, { id, subscription, planComparison }: QuotedCustomer, plan: PlanKey): void {
  const quoted = known(planComparison).find((each) => each.plan.key === plan) ?? null;
  const from = known(subscription).plan.key;
  context.answer({ dryRun: true, customer: { id }, from, to: plan, quote: quoted }, () =>
    formatDetails('Would upgrade this customer:', [
      ['Customer ID', id],
      ['Plan', `${from} → ${plan}`],
      ['A month', quoted === null ? 'by contract' : `${formatMoney(quoted.total)} on ${plan}, ${formatMoney(quoted.difference)} against now, by ${BASES[quoted.basis]}`],
      ['Fits', quoted === null ? 'by contract' : fitText(quoted)],
    ]),
  );
}

/** null where there is a paid subscription, so that nothing is to be checked out. */
async function openCheckout(context: Context, { successUrl, cancelUrl, promotionCode, force }: UpgradeOptions, customerId: string, plan: PlanKey): Promise<{ sessionId: string; url: string } | null> {
  const plane = context.plane();
  const home = `${plane.url}/`;
  try {
    return (await plane.ask(CliCreateCheckoutSessionDocument, { input: { customerId, plan, successUrl: successUrl ?? home, cancelUrl: cancelUrl ?? home, promotionCode: promotionCode ?? null, force: force ?? false } })).createCheckoutSession;
  } catch (error) {
    if (error instanceof CliError && error.reason === 'SUBSCRIPTION_EXISTS') return null;
    throw error;
  }
}

function showCheckout(context: Context, { sessionId, url }: { sessionId: string; url: string }, plan: PlanKey): void {
  context.answer({ checkoutSession: { sessionId, url }, plan }, () =>
    [
      context.colors.green('✔ Checkout session created'),
      formatDetails('Checkout Details:', [['Session ID', sessionId], ['Plan', plan]]),
      '',
      'Checkout URL:',
      printable(url),
      '',
      'Send this URL to the customer to complete the payment. Plan and license are there a moment after it.',
    ].join('\n'),
  );
}

async function changePlan(context: Context, { yes, force }: UpgradeOptions, { id, email, companyName, subscription, planComparison }: QuotedCustomer, plan: PlanKey): Promise<void> {
  const from = known(subscription).plan.key;
  const quoted = known(planComparison).find((each) => each.plan.key === plan);
  const price = quoted === undefined ? '' : `, ${formatMoney(quoted.total)} a month by ${BASES[quoted.basis]}`;
  const unfit = quoted === undefined || quoted.fits ? '' : ` It does not fit (${fitText(quoted)}).`;
  await confirmed(context, `Change ${printable(companyName ?? email)} from ${from} to ${plan} now${price}? It is charged at once.${unfit}`, yes);
  const { subscription: changed } = (await context.plane().ask(CliChangePlanDocument, { input: { customerId: id, plan, force: force ?? false } })).changePlan;
  context.answer({ subscription: changed, from }, () =>
    [context.colors.green('✔ Plan changed'), formatDetails('Subscription Details:', [['Subscription ID', changed.id], ['Plan', `${from} → ${changed.plan.key}`], ['Status', changed.status], ['Renewal Date', formatInstant(changed.currentPeriodEndsAt)]])].join('\n'),
  );
}
