import { maySee } from '@iotistic/chassis/access';
import type { UsageApp } from '../app.ts';
import { listAdjustments } from '../repository/adjustments.ts';
import { listUsageAdjustments } from '../service/adjust-usage.ts';
import { exportEvidence } from '../service/export-evidence.ts';
import { findMeteredPeriod, listPoints, listReportsOfPeriod, readEvidenceState } from '../service/trace-usage.ts';
import type { Resolvers } from './generated.ts';

/** From a period's quantity down to its hours and reports. */
export function traceResolvers(app: UsageApp): Required<Pick<Resolvers, 'MeteredPeriod'>> & { Customer: Pick<NonNullable<Resolvers['Customer']>, 'meteredPeriod' | 'usageAdjustments'> } {
  return {
    Customer: {
      meteredPeriod: ({ id: customerId }, { meter, periodStart }) => findMeteredPeriod(app, { customerId, meter, periodStart }),
      usageAdjustments: ({ id }, page) => listUsageAdjustments(app, id, page),
    },
    MeteredPeriod: {
      __resolveReference: ({ customerId, meter, periodStart }, { caller }) => (maySee(caller, customerId) ? findMeteredPeriod(app, { customerId, meter, periodStart: new Date(periodStart) }) : null),
      adjustments: (period) => listAdjustments(app.db, period),
      points: (period) => listPoints(app, period),
      reports: (period, page) => listReportsOfPeriod(app, period, page),
      evidenceState: (period) => readEvidenceState(app, period),
      evidence: (period, { instance }) => exportEvidence(app, period, instance),
    },
  };
}
