import type { SubscriptionStatus } from '@iotistic/contracts/events';

/** The mail that a transition causes. Which one it was about (invoice, trial, subscription) makes it go once: billing's mails know. */
export type TransitionMail = 'subscription_started' | 'payment_failed' | 'payment_recovered' | 'trial_ended' | 'subscription_canceled';

export type TransitionName =
  | 'renewed_or_changed'
  | 'trial_begun'
  | 'trial_converted'
  | 'trial_payment_failed'
  | 'trial_ended'
  | 'first_payment_open'
  | 'first_payment_made'
  | 'first_payment_expired'
  | 'payment_failed'
  | 'retries_exhausted'
  | 'recovered'
  | 'paused'
  | 'resumed'
  | 'canceled'
  | 'abandoned'
  | 'subscribed_again'
  | 'replaced';

export interface Transition {
  name: TransitionName;
  /**
   * `documented`: one step of one subscription at Stripe. `begun`: another began, at Stripe or with us, after the one
   * before it had ended or beside a local trial. `observed`: several steps at once, the events between them were lost.
   */
  kind: 'documented' | 'begun' | 'observed';
  mail: TransitionMail | null;
}

const documented = (name: TransitionName, mail: TransitionMail | null = null): Transition => ({ name, kind: 'documented', mail });
const begun = (name: TransitionName, mail: TransitionMail | null = null): Transition => ({ name, kind: 'begun', mail });
const observed = (name: TransitionName, mail: TransitionMail | null = null): Transition => ({ name, kind: 'observed', mail });

/**
 * What happened where a subscription's status was this and is that. Ours is for life: CANCELED and INCOMPLETE_EXPIRED end
 * one subscription at Stripe, and what follows them is another.
 */
export const TRANSITIONS: Readonly<Record<SubscriptionStatus, Readonly<Record<SubscriptionStatus, Transition>>>> = {
  TRIALING: {
    TRIALING: documented('renewed_or_changed'),
    ACTIVE: documented('trial_converted', 'subscription_started'),
    PAST_DUE: documented('trial_payment_failed', 'payment_failed'),
    CANCELED: documented('canceled', 'subscription_canceled'),
    UNPAID: observed('trial_payment_failed', 'payment_failed'),
    INCOMPLETE: begun('first_payment_open'),
    INCOMPLETE_EXPIRED: observed('first_payment_expired'),
    PAUSED: documented('trial_ended', 'trial_ended'),
  },
  ACTIVE: {
    TRIALING: documented('trial_begun'),
    ACTIVE: documented('renewed_or_changed'),
    PAST_DUE: documented('payment_failed', 'payment_failed'),
    CANCELED: documented('canceled', 'subscription_canceled'),
    UNPAID: observed('retries_exhausted', 'payment_failed'),
    INCOMPLETE: observed('replaced', 'subscription_canceled'),
    INCOMPLETE_EXPIRED: observed('replaced', 'subscription_canceled'),
    PAUSED: documented('paused'),
  },
  PAST_DUE: {
    TRIALING: observed('recovered', 'payment_recovered'),
    ACTIVE: documented('recovered', 'payment_recovered'),
    PAST_DUE: documented('renewed_or_changed'),
    CANCELED: documented('canceled', 'subscription_canceled'),
    UNPAID: documented('retries_exhausted'),
    INCOMPLETE: observed('replaced', 'subscription_canceled'),
    INCOMPLETE_EXPIRED: observed('replaced', 'subscription_canceled'),
    PAUSED: observed('paused'),
  },
  CANCELED: {
    TRIALING: begun('trial_begun'),
    ACTIVE: begun('subscribed_again', 'subscription_started'),
    PAST_DUE: observed('subscribed_again', 'payment_failed'),
    CANCELED: documented('renewed_or_changed'),
    UNPAID: observed('subscribed_again', 'payment_failed'),
    INCOMPLETE: begun('first_payment_open'),
    INCOMPLETE_EXPIRED: observed('first_payment_expired'),
    PAUSED: observed('trial_ended', 'trial_ended'),
  },
  UNPAID: {
    TRIALING: observed('recovered', 'payment_recovered'),
    ACTIVE: documented('recovered', 'payment_recovered'),
    PAST_DUE: observed('payment_failed'),
    CANCELED: documented('canceled', 'subscription_canceled'),
    UNPAID: documented('renewed_or_changed'),
    INCOMPLETE: observed('replaced', 'subscription_canceled'),
    INCOMPLETE_EXPIRED: observed('replaced', 'subscription_canceled'),
    PAUSED: observed('paused'),
  },
  INCOMPLETE: {
    TRIALING: observed('trial_begun'),
    ACTIVE: documented('first_payment_made', 'subscription_started'),
    PAST_DUE: observed('payment_failed', 'payment_failed'),
    CANCELED: documented('abandoned'),
    UNPAID: observed('retries_exhausted', 'payment_failed'),
    INCOMPLETE: documented('renewed_or_changed'),
    INCOMPLETE_EXPIRED: documented('first_payment_expired'),
    PAUSED: observed('paused'),
  },
  INCOMPLETE_EXPIRED: {
    TRIALING: begun('trial_begun'),
    ACTIVE: begun('subscribed_again', 'subscription_started'),
    PAST_DUE: observed('subscribed_again', 'payment_failed'),
    CANCELED: begun('canceled'),
    UNPAID: observed('subscribed_again', 'payment_failed'),
    INCOMPLETE: begun('first_payment_open'),
    INCOMPLETE_EXPIRED: documented('renewed_or_changed'),
    PAUSED: observed('trial_ended', 'trial_ended'),
  },
  PAUSED: {
    TRIALING: begun('trial_begun'),
    ACTIVE: documented('resumed', 'subscription_started'),
    PAST_DUE: observed('payment_failed', 'payment_failed'),
    CANCELED: documented('canceled', 'subscription_canceled'),
    UNPAID: observed('retries_exhausted', 'payment_failed'),
    INCOMPLETE: begun('first_payment_open'),
    INCOMPLETE_EXPIRED: observed('first_payment_expired'),
    PAUSED: documented('renewed_or_changed'),
  },
};

/** What happened between two versions of one subscription. */
export function transitionOf(previous: { status: SubscriptionStatus }, next: { status: SubscriptionStatus }): Transition {
  return TRANSITIONS[previous.status][next.status];
}
