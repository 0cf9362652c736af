import { CliError } from '../cli-error.ts';
import { confirmed, existing, known, type ChangeOptions, type Context } from '../context.ts';
import { CliChangePlanDocument, CliCreateCheckoutSessionDocument, CliQuotePlansDocument, type CliQuotePlansQuery, type PlanKey } from '../generated.ts';
import { formatDetails, formatInstant, formatMoney, printable } from '../printable.ts';

export interface UpgradeOptions extends ChangeOptions {
  plan: 'starter' | 'professional' | 'enterprise';
  successUrl?: string;
  cancelUrl?: string;
  promotionCode?: string;
}

type QuotedCustomer = NonNullable<CliQuotePlansQuery['customer']>;

/** Who pays for nothing yet gets a checkout to pay by; who does is changed at once, when the operator says yes; a contract needs no checkout. */
export async function upgradeCustomer(context: Context, options: UpgradeOptions, id = ''): Promise<void> {
  const plan = options.plan.toUpperCase() as PlanKey;
  const customer = existing((await context.plane().ask(CliQuotePlansDocument, { id })).customer);
  if (options.dryRun === true) return quote(context, customer, plan);
  const checkout = plan === 'ENTERPRISE' ? null : await openCheckout(context, options, id, plan);
  if (checkout === null) await changePlan(context, options, customer, plan);
  else showCheckout(context, checkout, plan);
}

function quote(context: Context, { id, subscription, planComparison }: QuotedCustomer, plan: PlanKey): void {
  const quoted = known(planComparison).find((each) => each.plan.key === plan) ?? null;
  const from = known(subscription).plan.key;
  context.answer({ dryRun: true, customer: { id }, from, to: plan, quote: quoted }, () =>
    formatDetails('Would upgrade this customer:', [
      ['Customer ID', id],
      ['Plan', `${from} → ${plan}`],
      ['Present period', quoted === null ? 'by contract' : `${formatMoney(quoted.total)} on ${plan}, ${formatMoney(quoted.difference)} against now, with the usage so far`],
    ]),
  );
}

/** null where there is a paid subscription, so that nothing is to be checked out. */
async function openCheckout(context: Context, { successUrl, cancelUrl, promotionCode }: UpgradeOptions, customerId: string, plan: PlanKey): Promise<{ sessionId: string; url: string } | null> {
  const plane = context.plane();
  const home = `${plane.url}/`;
  try {
    return (await plane.ask(CliCreateCheckoutSessionDocument, { input: { customerId, plan, successUrl: successUrl ?? home, cancelUrl: cancelUrl ?? home, promotionCode: promotionCode ?? null } })).createCheckoutSession;
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

async function changePlan(context: Context, { yes }: UpgradeOptions, { id, email, companyName, subscription, planComparison }: QuotedCustomer, plan: PlanKey): Promise<void> {
  const from = known(subscription).plan.key;
  const quoted = known(planComparison).find((each) => each.plan.key === plan);
  const price = quoted === undefined ? '' : `, ${formatMoney(quoted.total)} for a period with the usage so far`;
  await confirmed(context, `Change ${printable(companyName ?? email)} from ${from} to ${plan} now${price}? It is charged at once.`, yes);
  const { subscription: changed } = (await context.plane().ask(CliChangePlanDocument, { input: { customerId: id, plan } })).changePlan;
  context.answer({ subscription: changed, from }, () =>
    [context.colors.green('✔ Plan changed'), formatDetails('Subscription Details:', [['Subscription ID', changed.id], ['Plan', `${from} → ${changed.plan.key}`], ['Status', changed.status], ['Renewal Date', formatInstant(changed.currentPeriodEndsAt)]])].join('\n'),
  );
}
