import { AppError } from '@iotistic/contracts/errors';
import { instanceId } from '@iotistic/contracts/ids';
import { EVIDENCE_FORMAT, writeUsageEvidence } from '@iotistic/contracts/usage-evidence';
import type { UsageApp } from '../app.ts';
import { METER_KINDS } from '../domain/meters.ts';
import { listAdjustments } from '../repository/adjustments.ts';
import { listDigests } from '../repository/digests.ts';
import { listReportsForEvidence } from '../repository/evidence.ts';
import { getInstance } from './find-instance.ts';
import { hoursOf, type MeteredPeriod } from './trace-usage.ts';

/** A month by the minute has 44,640. */
const MAX_REPORTS = 100_000;
/** One a day, of years that lie before a customer's first period. */
const MAX_DIGESTS = 10_000;

/**
 * A period's figures with all that one instance gave to them: `iotistic-agent verify-invoice` holds it against the
 * instance's own archive.
 * Of days whose reports are not kept any more it has the digests.
 * @throws AppError INSTANCE_NOT_FOUND, TOO_MANY_REPORTS
 */
export async function exportEvidence(app: Pick<UsageApp, 'db' | 'loaders' | 'clock'>, period: MeteredPeriod, instance: string): Promise<string> {
  const { customerId, meter, periodStart, periodEnd, countsFrom, quantity, measured, adjusted } = period;
  const { id } = await getInstance(app, instanceId(customerId, instance));
  const [hours, adjustments] = [await hoursOf(app, period, id), await listAdjustments(app.db, period)];
  const asked = { instanceId: id, after: countsFrom, through: periodEnd };
  // At one moment: what is digested meanwhile is in the one or in the other.
  const { reports, digests } = await app.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => ({ reports: await listReportsForEvidence(tx, asked, MAX_REPORTS + 1), digests: await listDigests(tx, asked, MAX_DIGESTS + 1) }));
  if (reports.length > MAX_REPORTS || digests.length > MAX_DIGESTS) throw new AppError('LIMIT_EXCEEDED', 'TOO_MANY_REPORTS');
  return writeUsageEvidence({
    header: { format: EVIDENCE_FORMAT, customerId, instance, meter, kind: METER_KINDS[meter], periodStart: periodStart.toISOString(), periodEnd: periodEnd.toISOString(), countsFrom: countsFrom.toISOString(), quantity, measured, adjusted, exportedAt: app.clock.now().toISOString() },
    adjustments: adjustments.map((adjustment) => ({ id: adjustment.id, quantity: adjustment.quantity, reason: adjustment.reason, signedOffBy: adjustment.signedOffBy, signedOffAt: adjustment.signedOffAt.toISOString() })),
    hours: hours.map(({ hourMs, total, own, ownReports }) => ({ hour: new Date(hourMs).toISOString(), total, own, reports: ownReports })),
    ...(digests.length > 0 ? { digests } : {}),
    reports,
  });
}
