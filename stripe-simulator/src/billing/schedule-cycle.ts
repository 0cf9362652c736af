import type { Simulation } from '../simulation.ts';
import type { SubscriptionRecord } from './billing-records.ts';
import { CANCEL, CYCLE, TRIAL_WILL_END, UPCOMING } from './end-subscription.ts';

const DAY = 86_400;

/** What comes next for a subscription: its period's end, what is announced before, and its own end. */
export function scheduleCycle(simulation: Simulation, subscription: SubscriptionRecord): void {
  const { id: subject, test_clock: clock, status } = subscription;
  for (const kind of [CYCLE, CANCEL, TRIAL_WILL_END, UPCOMING]) simulation.unschedule(kind, subject);
  if (status === 'canceled' || status === 'incomplete_expired' || status === 'paused' || status === 'incomplete') return;
  const end = periodEndOf(subscription);
  const now = simulation.now(clock);
  const early = simulation.settings.upcomingDays * DAY;
  if (subscription.cancel_at !== null && subscription.cancel_at !== end) simulation.schedule({ at: Math.max(now, subscription.cancel_at), kind: CANCEL, subject, clock });
  simulation.schedule({ at: end, kind: CYCLE, subject, clock });
  if (end - early <= now) return;
  simulation.schedule({ at: end - early, kind: status === 'trialing' ? TRIAL_WILL_END : UPCOMING, subject, clock });
}

/** The earliest end of its items' periods. */
export function periodEndOf(subscription: SubscriptionRecord): number {
  return Math.min(...subscription.items.data.map((item) => item.current_period_end));
}
