import type { Tx } from '@iotistic/chassis/database';
import { publish } from '@iotistic/chassis/outbox';
import type { Meter } from '@iotistic/contracts/events';
import { type Allowances, crossings, isBeforeNamed, worthTelling } from '../domain/alerts.ts';
import type { SubscriptionPeriod } from '../domain/period.ts';
import { type AlertRow, insertAlerts, listAllowances, type NewAlert } from '../repository/alerts.ts';
import type { UsageTables } from '../repository/tables.ts';

/** What a customer's period stands at, and what billing said of its subscription. */
export interface StandingPeriod {
  customerId: string;
  startMs: number;
  quantities: Record<Meter, number>;
  known: SubscriptionPeriod | null;
}

/**
 * Each threshold that a period reaches is raised once, in the transaction that measured it. A changed allowance is another
 * one to reach. Those who watch and billing, which writes the mails, hear of it by one event for all that was reached at once.
 */
export async function raiseAlerts(tx: Tx<UsageTables>, periods: readonly StandingPeriod[], now: Date): Promise<void> {
  const earlier = periods.filter((period) => period.known !== null && isBeforeNamed(period, period.known));
  const earlierAllowances = await listAllowances(tx, earlier);
  const crossed = periods.flatMap((period): NewAlert[] => {
    const { customerId, startMs, quantities, known } = period;
    const place = earlier.indexOf(period);
    const allowances: Allowances | null = place < 0 ? known : (earlierAllowances[place] ?? null);
    return allowances === null ? [] : crossings(quantities, allowances).map((crossing) => ({ ...crossing, customerId, periodStart: new Date(startMs) }));
  });
  for (const alert of told(await insertAlerts(tx, crossed, now))) {
    const { id: alertId, customerId, kind, meter, threshold, used, included, periodStart } = alert;
    await publish(tx, 'usage', 'usage.alert_raised', { alertId, customerId, kind, meter, threshold, used, included, periodStart: periodStart.toISOString(), at: now.toISOString() }, now);
  }
}

function told(raised: readonly AlertRow[]): AlertRow[] {
  const byPeriod = new Map<string, AlertRow[]>();
  for (const alert of raised) {
    const key = `${alert.customerId} ${alert.periodStart.getTime()}`;
    byPeriod.set(key, [...(byPeriod.get(key) ?? []), alert]);
  }
  return [...byPeriod.values()].flatMap((ofPeriod) => worthTelling(ofPeriod));
}
