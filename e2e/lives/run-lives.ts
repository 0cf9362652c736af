import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { createTestClock } from '@iotistic/testkit/clock';
import { Stripe } from 'stripe';
import { disagreements, readAccount } from './agreement.ts';
import { overviewDisagreements } from './money-agreement.ts';
import { lifeOf } from './life.ts';
import { LivingCustomer, PROMOTION_CODE } from './living-customer.ts';

export interface LivesOptions {
  firstSeed: number;
  count: number;
  days: number;
  /** Told of each day. */
  onDay?: (day: number) => void;
}

export interface FailedLife {
  seed: number;
  problems: string[];
  log: string[];
}

const AT_ONCE = 16;
const SETTLES_WITHIN_MS = 120_000;
/** Of every hundred calls to Stripe so many fail, in each of the ways that the simulator knows. */
const FAULTS = [{ status: 500, afterApply: true }, { status: 500, afterApply: false }, { status: 429 }, { cut: true }];

/**
 * So many customers live side by side through the same days, each by its seed: they sign up, check out, change, fail to
 * pay, cancel, resume and report, while webhooks are lost, doubled and shuffled and calls to Stripe fail. Answers those
 * that did not end in agreement.
 */
export async function runLives(options: LivesOptions): Promise<FailedLife[]> {
  const booted = await bootPlane({ clock: createTestClock('2026-01-31T10:00:00.000Z'), environment: { LOG_LEVEL: 'fatal' } });
  try {
    const url = new URL(booted.plane.stripeUrl ?? '');
    const stripe = new Stripe('sk_test_simulator', { host: url.hostname, port: Number(url.port), protocol: 'http', telemetry: false });
    await stripe.promotionCodes.create({ code: PROMOTION_CODE, promotion: { type: 'coupon', coupon: (await stripe.coupons.create({ percent_off: 20, duration: 'repeating', duration_in_months: 3 })).id } });
    const lives = Array.from({ length: options.count }, (_, index) => new LivingCustomer(booted, stripe, lifeOf(options.firstSeed + index, options.days)));
    await booted.simulate('/_sim/chaos', { duplicate: 0.2, drop: 0.3, shuffle: true });
    for (let day = 0; day < options.days; day += 1) {
      options.onDay?.(day);
      if (day % 3 === 0) await booted.simulate('/_sim/faults', { ...FAULTS[(day / 3) % FAULTS.length], count: Math.max(1, Math.ceil(options.count / 20)) });
      await eachAtOnce(lives, (living) => living.live(day));
      await booted.simulate('/_sim/time', { days: 1 });
    }
    await booted.simulate('/_sim/chaos', { duplicate: 0, drop: 0, shuffle: false });
    await booted.simulate('/_sim/faults', { count: 0 });
    // What was lost is found by the sweeps, which time sets off.
    await booted.simulate('/_sim/time', { seconds: 7_200 });
    await booted.simulate('/_sim/time', { seconds: 7_200 });
    await untilQuiet(booted);
    return await judge(booted, lives, stripe);
  } finally {
    await booted.stop();
  }
}

async function judge(booted: BootedPlane, lives: readonly LivingCustomer[], stripe: Stripe): Promise<FailedLife[]> {
  const account = await readAccount(stripe);
  const failed: FailedLife[] = [];
  const overview = await overviewDisagreements(booted, stripe);
  if (overview.length > 0) failed.push({ seed: lives[0]?.life.seed ?? 0, problems: overview, log: ['not of one life, but of all together'] });
  await eachAtOnce(lives, async (living) => {
    const problems = [...living.problems, ...(await disagreements(booted, living, account))];
    if (living.customer !== null && account.doubled.includes(living.customer.id)) problems.push('two customers at Stripe');
    if (problems.length > 0) failed.push({ seed: living.life.seed, problems, log: living.log });
  });
  return failed;
}

async function eachAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
    }),
  );
}

/** Until no event of Stripe waits and none failed. */
async function untilQuiet(booted: BootedPlane): Promise<void> {
  const giveUp = AbortSignal.timeout(SETTLES_WITHIN_MS);
  for (;;) {
    const { billingOverview } = await booted.admin.ask<{ billingOverview: { webhooks: { received: number; failed: number } } }>('{ billingOverview { webhooks { received failed } } }');
    const { received, failed } = billingOverview.webhooks;
    if (received === 0 && failed === 0) return;
    if (giveUp.aborted) throw new Error(`${received} events wait and ${failed} failed, ${SETTLES_WITHIN_MS} ms after the last day`);
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
  }
}
