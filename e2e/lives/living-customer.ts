import type { BootedPlane } from '@iotistic/testkit/boot';
import type { GraphqlAnswer } from '@iotistic/testkit/client';
import { PayingCustomer, reasonOf } from '../paying-customer.ts';
import type { Stripe } from 'stripe';
import type { Deed, Life } from './life.ts';
import { disputePayment, loseCards, payByTheYear, refundPayment } from './stripe-deeds.ts';

export const PROMOTION_CODE = 'LIVES20';
const BYTES_PER_GB = 1_000_000_000;
/** More than a day has faults. */
const TRIES = 60;
/** Refusals that a life may meet: the plane says no, and nothing has changed. */
const EXPECTED = new Set(['SUBSCRIPTION_EXISTS', 'ALREADY_ON_PLAN', 'CHECKOUT_REQUIRED', 'NO_SUBSCRIPTION', 'NOT_ENDING', 'SUBSCRIPTION_ENDING', 'PAYMENT_OVERDUE', 'PERIOD_NOT_PAID', 'PAYMENT_REQUIRED', 'CUSTOMER_DEACTIVATED', 'NO_BILLING_ACCOUNT', 'PROMOTION_CODE_NOT_FOUND', 'PROMOTION_CODE_EXPIRED']);

/** One life as it is lived: what it did, what it was told, and what did not fit. */
export class LivingCustomer {
  readonly life: Life;
  readonly log: string[] = [];
  readonly problems: string[] = [];
  #customer: PayingCustomer | null = null;
  readonly #booted: BootedPlane;
  readonly #stripe: Stripe;

  constructor(booted: BootedPlane, stripe: Stripe, life: Life) {
    this.#booted = booted;
    this.#stripe = stripe;
    this.life = life;
  }

  get customer(): PayingCustomer | null {
    return this.#customer;
  }

  get email(): string {
    return `life-${this.life.seed}@example.com`;
  }

  /** Somebody put a price of their own on it at Stripe, which is in none of our books. */
  get hasOthersPrice(): boolean {
    return this.life.deeds.some(({ kind }) => kind === 'yearly');
  }

  get isDeactivated(): boolean {
    return this.life.deeds.some(({ kind }) => kind === 'deactivate');
  }

  /** Does what this day brings, in order. */
  async live(day: number): Promise<void> {
    if (day === this.life.begins) {
      this.#customer = await PayingCustomer.signUp(this.#booted, this.email);
      this.log.push(`day ${day}: signed up`);
    }
    const customer = this.#customer;
    if (customer === null) return;
    for (const deed of this.life.deeds.filter((one) => one.day === day)) {
      try {
        this.log.push(`day ${day}: ${JSON.stringify(deed)} → ${await this.#do(customer, deed)}`);
      } catch (error) {
        this.problems.push(`day ${day}: ${JSON.stringify(deed)} threw ${String(error)}`);
      }
    }
  }

  async #do(customer: PayingCustomer, deed: Deed): Promise<string> {
    switch (deed.kind) {
      case 'checkout':
        return this.#checkOut(customer, deed);
      case 'changePlan':
        return this.#retried(() => customer.change('changePlan', { plan: deed.plan, force: true }));
      case 'cancel':
        return this.#retried(() => customer.change('cancelSubscription', { atPeriodEnd: deed.atPeriodEnd }));
      case 'resume':
        return this.#retried(() => customer.change('resumeSubscription'));
      case 'override':
        return this.#retried(() => customer.change('overrideEntitlements', { limits: deed.maxDevices === null ? [] : [{ key: 'maxDevices', value: deed.maxDevices }], reason: 'a contract' }));
      case 'rename':
        return this.#retried(() => this.#booted.admin.send('mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { id } } }', { input: { id: customer.id, companyName: `Life ${this.life.seed} of day ${deed.day}` } }));
      case 'deactivate':
        return this.#retried(() => this.#booted.admin.send('mutation ($input: DeactivateCustomerInput!) { deactivateCustomer(input: $input) { customer { id } } }', { input: { id: customer.id, reason: 'the life ends' } }));
      case 'newCard':
        return this.#newCard(customer, deed.card);
      case 'dispute':
        return disputePayment(this.#booted, this.#stripe, this.email, deed);
      case 'refund':
        return refundPayment(this.#stripe, this.email, deed.percent);
      case 'losesCards':
        return loseCards(this.#stripe, this.email);
      case 'yearly':
        return payByTheYear(this.#stripe, this.email);
      case 'report':
        return this.#report(customer, deed);
      default:
        return this.#look(customer);
    }
  }

  async #checkOut(customer: PayingCustomer, deed: Deed & { kind: 'checkout' }): Promise<string> {
    const input = customer.checkoutInput(deed.plan, deed.promotionCode && !deed.onPage ? { promotionCode: PROMOTION_CODE, force: true } : { force: true });
    let url = '';
    let sessionId = '';
    const opened = await this.#retried(async () => {
      const answer = await this.#booted.admin.send('mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { sessionId url } }', { input });
      const session = (answer.data as { createCheckoutSession?: { sessionId: string; url: string } } | null)?.createCheckoutSession;
      if (session !== undefined && session !== null) ({ url, sessionId } = session);
      return answer;
    });
    if (url === '' || deed.abandons) return opened;
    if (deed.onPage) {
      const paid = await fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ card: deed.card, ...(deed.promotionCode ? { promotion_code: PROMOTION_CODE } : {}) }) });
      return `${opened}, page ${paid.status}`;
    }
    return this.#booted.simulate(`/_sim/checkout/${sessionId}/complete`, { card: deed.card }).then(
      () => `${opened}, paid`,
      (error: unknown) => `${opened}, not paid: ${String(error).slice(0, 120)}`,
    );
  }

  async #newCard(customer: PayingCustomer, card: string): Promise<string> {
    let url = '';
    const opened = await this.#retried(async () => {
      const answer = await this.#booted.admin.send('mutation ($input: CreatePortalSessionInput!) { createPortalSession(input: $input) { url } }', { input: { customerId: customer.id, returnUrl: this.#booted.plane.url } });
      url = (answer.data as { createPortalSession?: { url: string } | null } | null)?.createPortalSession?.url ?? '';
      return answer;
    });
    if (url === '') return opened;
    const changed = await fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ action: 'card', card }) });
    return `${opened}, portal ${changed.status}`;
  }

  async #report(customer: PayingCustomer, deed: Deed & { kind: 'report' }): Promise<string> {
    try {
      await customer.report({ activeDevices: deed.activeDevices, totalDevices: 100, mqttMessagesPublished: deed.messages, storageBytes: deed.storageGb * BYTES_PER_GB }, deed.instance);
      return 'reported';
    } catch (error) {
      // A deactivated customer's keys are refused.
      if (/CUSTOMER_DEACTIVATED|API_KEY_REVOKED/.test(String(error))) return 'refused: deactivated';
      throw error;
    }
  }

  async #look(customer: PayingCustomer): Promise<string> {
    const preview = await customer.upcomingInvoice();
    if (preview === null) return 'nothing to pay';
    if (preview.total.amount !== preview.computedTotal.amount && !this.hasOthersPrice) this.problems.push(`Stripe's preview is ${preview.total.amount}, our own ${preview.computedTotal.amount}`);
    return `${preview.total.amount} (${preview.source})`;
  }

  /** UNAVAILABLE means: send the same once more. */
  async #retried(send: () => Promise<GraphqlAnswer>): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await send();
      const reason = reasonOf(answer);
      if (reason === null) return 'done';
      if (answer.errors?.[0]?.extensions.code === 'UNAVAILABLE' && attempt < TRIES) continue;
      if (!EXPECTED.has(reason)) this.problems.push(`was answered ${reason}: ${JSON.stringify(answer.errors?.[0])}`);
      return reason;
    }
  }
}
