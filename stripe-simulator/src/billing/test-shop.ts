import { startTestAccount, type TestAccount } from '../test-account.ts';

export const GOOD = 'pm_card_visa';
/** Attaches, and does not pay. */
export const BAD = 'pm_card_chargeCustomerFail';

interface Named {
  id: string;
}

/** What a shop uses of the SDK, which tests alone import. */
interface Client {
  billing: { meters: { create(params: object): Promise<Named> }; meterEvents: { create(params: object): Promise<object> } };
  customers: { create(params: object): Promise<Named>; update(id: string, params: object): Promise<Named> };
  events: { list(params: object): AsyncIterable<{ type: string }> };
  invoices: { list(params: object): Promise<{ data: object[] }> };
  paymentMethods: { attach(id: string, params: object): Promise<Named> };
  prices: { create(params: object): Promise<Named> };
  products: { create(params: object): Promise<Named> };
}

type Answer<F extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<F>>;
type Price<C extends Client> = Answer<C['prices']['create']>;
type Customer<C extends Client> = Answer<C['customers']['update']>;

/** For tests: an account with something to sell, and somebody who buys. */
export interface TestShop<C extends Client> {
  account: TestAccount;
  stripe: C;
  product: Answer<C['products']['create']>;
  customer: Customer<C>;
  /** A monthly price per unit, in cents. */
  monthly(cents: number, more?: object): Promise<Price<C>>;
  /** A metered monthly price on a meter of its own, that takes the last value. */
  metered(event: string, more: object): Promise<Price<C>>;
  used(event: string, value: string, at?: number): Promise<unknown>;
  buyer(card?: string | null): Promise<Customer<C>>;
  /** Gives the buyer this card from now on. */
  useCard(card: string): Promise<string>;
  days(days: number): Promise<unknown>;
  to(iso: string): Promise<unknown>;
  now(): number;
  /** What happened so far, the oldest first. */
  happened(): Promise<string[]>;
  invoices(subscription: string): Promise<Answer<C['invoices']['list']>['data']>;
}

export async function openTestShop<C extends Client>(SDK: new (key: string, config: TestAccount['client']) => C, options: Parameters<typeof startTestAccount>[0] = {}): Promise<TestShop<C>> {
  const account = await startTestAccount(options);
  const stripe = new SDK(account.key, account.client);
  const product = await stripe.products.create({ name: 'Plan' });
  const useCard = async (customer: string, card: string): Promise<string> => (await stripe.paymentMethods.attach(card, { customer })).id;
  const payBy = (customer: string, method: string): Promise<Named> => stripe.customers.update(customer, { invoice_settings: { default_payment_method: method } });
  const buyer = async (card: string | null = GOOD): Promise<Named> => {
    const customer = await stripe.customers.create({ email: 'buyer@example.com' });
    return card === null ? customer : payBy(customer.id, await useCard(customer.id, card));
  };
  const shop: TestShop<Client> = {
    account,
    stripe,
    product,
    customer: await buyer(),
    monthly: (cents, more = {}) => stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: cents, recurring: { interval: 'month' }, ...more }),
    async metered(event, more) {
      const meter = await stripe.billing.meters.create({ display_name: event, event_name: event, default_aggregation: { formula: 'last' } });
      return stripe.prices.create({ product: product.id, currency: 'usd', recurring: { interval: 'month', usage_type: 'metered', meter: meter.id }, ...more });
    },
    used: (event, value, at = shop.now()) => stripe.billing.meterEvents.create({ event_name: event, payload: { stripe_customer_id: shop.customer.id, value }, timestamp: at }),
    buyer,
    async useCard(card) {
      const method = await useCard(shop.customer.id, card);
      await payBy(shop.customer.id, method);
      return method;
    },
    days: (days) => account.simulate('/_sim/time', { days }),
    to: (iso) => account.simulate('/_sim/time', { to: iso }),
    now: () => Math.floor(account.clock.now().getTime() / 1_000),
    async happened() {
      const all: string[] = [];
      for await (const { type } of stripe.events.list({ limit: 100 })) all.push(type);
      return all.toReversed();
    },
    invoices: async (subscription) => (await stripe.invoices.list({ subscription, limit: 100 })).data,
  };
  return shop as TestShop<C>;
}
