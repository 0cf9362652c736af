import { randomUUID } from 'node:crypto';
import type { BootedPlane } from '@iotistic/testkit/boot';
import type { GraphqlAnswer, GraphqlClient } from '@iotistic/testkit/client';
import { SIGN_UP } from './documents.ts';

export interface SubscriptionView {
  plan: { key: string };
  status: string;
  trialEndsAt: string | null;
  currentPeriodStart: string | null;
  currentPeriodEndsAt: string | null;
  cancelAtPeriodEnd: boolean;
  version: number;
}

export interface InvoiceView {
  number: string | null;
  status: string;
  total: { amount: number; currency: string };
  subtotal: { amount: number };
  amountDue: { amount: number };
  refunded: { amount: number } | null;
  disputed: boolean;
  periodStart: string;
  periodEnd: string;
  hostedUrl: string | null;
  pdfUrl: string | null;
  lines: { description: string; quantity: number | null; amount: { amount: number }; meter: string | null }[];
}

export const SUBSCRIPTION_FIELDS = 'plan { key } status trialEndsAt currentPeriodStart currentPeriodEndsAt cancelAtPeriodEnd version';
const INVOICE_FIELDS = 'number status total { amount currency } subtotal { amount } amountDue { amount } refunded { amount } disputed periodStart periodEnd hostedUrl pdfUrl lines { description quantity amount { amount } meter }';
const CHECKOUT = 'mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { sessionId url } }';

/** A customer with an account, a cluster that reports, and a card: what the suites about money do over and over. */
export class PayingCustomer {
  readonly id: string;
  readonly user: GraphqlClient;
  readonly instance: GraphqlClient;
  readonly #booted: BootedPlane;

  private constructor(booted: BootedPlane, id: string, user: GraphqlClient, instance: GraphqlClient) {
    this.#booted = booted;
    this.id = id;
    this.user = user;
    this.instance = instance;
  }

  static async signUp(booted: BootedPlane, email: string): Promise<PayingCustomer> {
    const { signUp } = await booted.client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email, password: 'correct horse', companyName: email.split('@')[0] } });
    const user = booted.client.as({ bearer: signUp.session.token });
    const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId: signUp.customer.id, name: 'cluster' } });
    return new PayingCustomer(booted, signUp.customer.id, user, booted.client.as({ apiKey: createApiKey.secret }));
  }

  /** Asked as the operator: a session may have ended in a year. */
  async subscription(): Promise<SubscriptionView> {
    const { customer } = await this.#booted.admin.ask<{ customer: { subscription: SubscriptionView } }>(`query ($id: ID!) { customer(id: $id) { subscription { ${SUBSCRIPTION_FIELDS} } } }`, { id: this.id });
    return customer.subscription;
  }

  async license(): Promise<{ status: string; expiresAt: string; claims: Record<string, unknown> & { plan: string; degradation: { graceUntil: string; unlicensedFrom: string } } } | null> {
    const { customer } = await this.#booted.admin.ask<{ customer: { license: never } }>('query ($id: ID!) { customer(id: $id) { license { status expiresAt claims } } }', { id: this.id });
    return customer.license;
  }

  async invoices(): Promise<InvoiceView[]> {
    const all: InvoiceView[] = [];
    let after: string | null = null;
    do {
      const answer: { customer: { invoices: { edges: { node: InvoiceView }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } } = await this.#booted.admin.ask(
        `query ($id: ID!, $after: String) { customer(id: $id) { invoices(first: 100, after: $after) { edges { node { ${INVOICE_FIELDS} } } pageInfo { hasNextPage endCursor } } } }`,
        { id: this.id, after },
      );
      all.push(...answer.customer.invoices.edges.map(({ node }) => node));
      after = answer.customer.invoices.pageInfo.hasNextPage ? answer.customer.invoices.pageInfo.endCursor : null;
    } while (after !== null);
    return all;
  }

  async upcomingInvoice(): Promise<{ total: { amount: number }; computedTotal: { amount: number }; source: string; lines: { description: string; amount: { amount: number } }[] } | null> {
    const { customer } = await this.#booted.admin.ask<{ customer: { upcomingInvoice: never } }>('query ($id: ID!) { customer(id: $id) { upcomingInvoice { total { amount } computedTotal { amount } source lines { description amount { amount } } } } }', { id: this.id });
    return customer.upcomingInvoice;
  }

  async openCheckout(plan: string, extra: Record<string, unknown> = {}): Promise<{ sessionId: string; url: string }> {
    const { createCheckoutSession } = await this.#booted.admin.ask<{ createCheckoutSession: { sessionId: string; url: string } }>(CHECKOUT, { input: this.checkoutInput(plan, extra) });
    return createCheckoutSession;
  }

  sendCheckout(plan: string, extra: Record<string, unknown> = {}): Promise<GraphqlAnswer> {
    return this.user.send(CHECKOUT, { input: this.checkoutInput(plan, extra) });
  }

  checkoutInput(plan: string, extra: Record<string, unknown> = {}): Record<string, unknown> {
    return { customerId: this.id, plan, successUrl: `${this.#booted.plane.url}/?paid={CHECKOUT_SESSION_ID}`, cancelUrl: `${this.#booted.plane.url}/`, ...extra };
  }

  async checkOut(plan: string, card = '4242424242424242', extra: Record<string, unknown> = {}): Promise<void> {
    const { sessionId } = await this.openCheckout(plan, extra);
    await this.#booted.simulate(`/_sim/checkout/${sessionId}/complete`, { card });
  }

  /** One hour's report, which ended now. */
  async report(numbers: Record<string, number>, instance = 'us-east-1'): Promise<void> {
    const end = this.#booted.plane.clock.now().getTime() - 1_000;
    const report = { reportId: randomUUID(), intervalStart: new Date(end - 60_000).toISOString(), intervalEnd: new Date(end).toISOString(), activeDevices: 1, totalDevices: 100, ...numbers };
    const { reportUsage } = await this.instance.ask<{ reportUsage: { accepted: number; late: number; rejected: unknown[] } }>('mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted late rejected { reason } } }', { input: { instance, reports: [report] } });
    if (reportUsage.accepted + reportUsage.late !== 1) throw new Error(`the report was refused: ${JSON.stringify(reportUsage.rejected)}`);
  }

  /** One of the mutations that take a customerId and answer its subscription. */
  async change(mutation: 'changePlan' | 'cancelSubscription' | 'resumeSubscription' | 'startTrial' | 'overrideEntitlements', input: Record<string, unknown> = {}): Promise<GraphqlAnswer & { subscription: SubscriptionView | null }> {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const answer = await this.#booted.admin.send(`mutation ($input: ${type}!) { ${mutation}(input: $input) { subscription { ${SUBSCRIPTION_FIELDS} } } }`, { input: { customerId: this.id, ...input } });
    return { ...answer, subscription: (answer.data as Record<string, { subscription: SubscriptionView } | null> | null)?.[mutation]?.subscription ?? null };
  }
}

/** The reason of the first error, or null. */
export function reasonOf(answer: GraphqlAnswer): string | null {
  return answer.errors?.[0]?.extensions.reason ?? null;
}
