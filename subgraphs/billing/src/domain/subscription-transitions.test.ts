import { SUBSCRIPTION_STATUSES, type SubscriptionStatus } from '@iotistic/contracts/events';
import { describe, expect, it } from 'vitest';
import { type Transition, transitionOf, TRANSITIONS } from './subscription-transitions.ts';

const all = SUBSCRIPTION_STATUSES.flatMap((from) => SUBSCRIPTION_STATUSES.map((to) => ({ from, to, transition: TRANSITIONS[from][to] })));
const where = (pick: (transition: Transition) => boolean): string[] => all.filter(({ from, to, transition }) => from !== to && pick(transition)).map(({ from, to }) => `${from} ${to}`);

describe('the table', () => {
  it('names all 64 and no other', () => {
    expect(Object.keys(TRANSITIONS).toSorted()).toEqual(SUBSCRIPTION_STATUSES.toSorted());
    for (const from of SUBSCRIPTION_STATUSES) expect(Object.keys(TRANSITIONS[from]).toSorted()).toEqual(SUBSCRIPTION_STATUSES.toSorted());
  });

  it('has exactly Stripe’s own steps as documented ones', () => {
    expect(where(({ kind }) => kind === 'documented')).toEqual([
      'TRIALING ACTIVE',
      'TRIALING PAST_DUE',
      'TRIALING CANCELED',
      'TRIALING PAUSED',
      'ACTIVE TRIALING',
      'ACTIVE PAST_DUE',
      'ACTIVE CANCELED',
      'ACTIVE PAUSED',
      'PAST_DUE ACTIVE',
      'PAST_DUE CANCELED',
      'PAST_DUE UNPAID',
      'UNPAID ACTIVE',
      'UNPAID CANCELED',
      'INCOMPLETE ACTIVE',
      'INCOMPLETE CANCELED',
      'INCOMPLETE INCOMPLETE_EXPIRED',
      'PAUSED ACTIVE',
      'PAUSED CANCELED',
    ]);
  });

  it('lets nothing of Stripe’s leave CANCELED or INCOMPLETE_EXPIRED: what follows is another subscription', () => {
    for (const ended of ['CANCELED', 'INCOMPLETE_EXPIRED'] as const) expect(where(({ kind }) => kind === 'documented').filter((step) => step.startsWith(`${ended} `))).toEqual([]);
  });

  it('says of a status that stayed that it was renewed or changed, without a mail', () => {
    for (const status of SUBSCRIPTION_STATUSES) expect(transitionOf({ status }, { status })).toEqual({ name: 'renewed_or_changed', kind: 'documented', mail: null });
  });
});

describe('mails', () => {
  const mails = (mail: Transition['mail']): string[] => where((transition) => transition.mail === mail);

  it('a failed payment is told once: on the way into PAST_DUE or UNPAID, not between them', () => {
    const failing: readonly SubscriptionStatus[] = ['PAST_DUE', 'UNPAID'];
    expect(mails('payment_failed')).toEqual(all.filter(({ from, to }) => failing.includes(to) && !failing.includes(from)).map(({ from, to }) => `${from} ${to}`));
  });

  it('a recovered one on the way back', () => {
    expect(mails('payment_recovered')).toEqual(['PAST_DUE TRIALING', 'PAST_DUE ACTIVE', 'UNPAID TRIALING', 'UNPAID ACTIVE']);
  });

  it('the end of a trial, where it was one that ended', () => {
    expect(mails('trial_ended')).toEqual(['TRIALING PAUSED', 'CANCELED PAUSED', 'INCOMPLETE_EXPIRED PAUSED']);
  });

  it('the end of a subscription, not of one that never began', () => {
    expect(mails('subscription_canceled').filter((step) => step.endsWith(' CANCELED'))).toEqual(['TRIALING CANCELED', 'ACTIVE CANCELED', 'PAST_DUE CANCELED', 'UNPAID CANCELED', 'PAUSED CANCELED']);
  });

  it('the beginning of a subscription', () => {
    expect(mails('subscription_started')).toEqual(['TRIALING ACTIVE', 'CANCELED ACTIVE', 'INCOMPLETE ACTIVE', 'INCOMPLETE_EXPIRED ACTIVE', 'PAUSED ACTIVE']);
  });
});
