import type { BillingApp } from '../app.ts';
import { recurringRevenue, type RecurringRevenue } from '../domain/mrr.ts';
import { countSubscriptions, countTrialsEnding } from '../repository/overview.ts';
import { countOpenDisputes, type OpenDisputes } from '../repository/disputes.ts';
import { type OwedSum, sumOwed } from '../repository/owed-invoices.ts';
import { countDiffering } from '../repository/reconciliations.ts';
import { countFindings } from '../repository/stripe-findings.ts';
import { countOpenEvents } from '../repository/webhook-events.ts';

export interface BillingOverview extends RecurringRevenue {
  trialsEndingSoon: number;
  webhooks: { received: number; failed: number; oldestReceivedAt: Date | null };
  pricingDifferences: number;
  meteringDifferences: number;
  stripeFindings: number;
  owed: OwedSum[];
  disputes: OpenDisputes;
}

const SOON_MS = 7 * 86_400_000;

export async function readBillingOverview(app: Pick<BillingApp, 'db' | 'clock' | 'differences'>): Promise<BillingOverview> {
  const now = app.clock.now();
  const [counts, trialsEndingSoon, webhooks, differing, findings, owed, disputes] = await Promise.all([
    countSubscriptions(app.db),
    countTrialsEnding(app.db, now, new Date(now.getTime() + SOON_MS)),
    countOpenEvents(app.db),
    countDiffering(app.db),
    countFindings(app.db),
    sumOwed(app.db),
    countOpenDisputes(app.db),
  ]);
  return {
    ...recurringRevenue(counts, now),
    trialsEndingSoon,
    webhooks,
    pricingDifferences: app.differences.count,
    meteringDifferences: differing.reduce((sum, { alerted }) => sum + alerted, 0),
    stripeFindings: findings.reduce((sum, { count }) => sum + count, 0),
    owed,
    disputes,
  };
}
