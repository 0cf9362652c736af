import { maySee } from '@iotistic/chassis/access';
import type { UsageApp } from '../app.ts';
import type { ReportRow } from '../repository/reports.ts';
import { adjustUsage } from '../service/adjust-usage.ts';
import { exportUsageCsv } from '../service/export-usage-csv.ts';
import { findActiveNow } from '../service/find-active-now.ts';
import { findInstance, findReport, getInstance } from '../service/find-instance.ts';
import { findLatestUsage, findLatestUsageOfInstance } from '../service/find-latest-usage.ts';
import { forgetInstanceKey, importUsageFile } from '../service/import-usage-file.ts';
import { listFleetUsage } from '../service/list-fleet-usage.ts';
import { listUsageReports } from '../service/list-usage-reports.ts';
import { purgeUsageReports } from '../service/purge-usage-reports.ts';
import { readUsageSeries } from '../service/read-usage-series.ts';
import { readUsageSummary } from '../service/read-usage-summary.ts';
import { reportUsage } from '../service/report-usage.ts';
import { watchUsage } from '../service/watch-usage.ts';
import { alertResolvers } from './alert-resolvers.ts';
import type { Resolvers } from './generated.ts';
import { traceResolvers } from './trace-resolvers.ts';

type Doors = Pick<Resolvers, 'Query' | 'FleetUsage' | 'Mutation' | 'Subscription' | 'Customer' | 'Instance' | 'UsageReport' | 'UsageReportConnection' | 'ReportUsagePayload' | 'MeteredPeriod' | 'UsageAlert' | 'UsageAnomaly'>;

export function resolvers(app: UsageApp): Doors {
  const alerts = alertResolvers(app);
  const trace = traceResolvers(app);
  return {
    MeteredPeriod: trace.MeteredPeriod,
    UsageAlert: alerts.UsageAlert,
    UsageAnomaly: alerts.UsageAnomaly,
    Query: {
      ...alerts.Query,
      fleetUsage: (_root, page) => listFleetUsage(app, page),
    },
    FleetUsage: { customer: ({ customerId: id }) => ({ id }), summary: ({ customerId }) => readUsageSummary(app, customerId) },
    Mutation: {
      reportUsage: (_root, { input }, { caller, requestId }) => reportUsage(app, caller, requestId, input),
      importUsageFile: (_root, { input }) => importUsageFile(app, input),
      adjustUsage: (_root, { input }, { caller }) => adjustUsage(app, caller, input),
      purgeUsageReports: (_root, { input }) => purgeUsageReports(app, input),
      forgetInstanceKey: (_root, { input }, { caller }) => forgetInstanceKey(app, caller, input),
    },
    Subscription: {
      ...alerts.Subscription,
      usageReported: {
        subscribe: (_root, { customerId, instance }, { live }) => watchUsage(app, { customerId, instance, after: live?.after }),
        resolve: (report: ReportRow) => report,
      },
    },
    ReportUsagePayload: {
      latest: (payload) => payload.latest(),
      receipt: (payload) => payload.receipt(),
      restores: () => app.restores.map(({ id, backedUpAt: since }) => ({ id, since })),
    },
    UsageReport: {
      __resolveReference: ({ id }, { caller }) => findReport(app, caller, id),
      customer: ({ customerId: id }) => ({ id }),
      instance: ({ instanceId: id, customerId, instanceName: name }) => ({ id, customerId, name }),
      fate: ({ late }) => (late ? 'LATE' : 'ACCEPTED'),
    },
    UsageReportConnection: { totalCount: (page) => page.totalCount() },
    Customer: {
      ...alerts.Customer,
      __resolveReference: ({ id }, { caller }) => (maySee(caller, id) ? { id } : null),
      latestUsage: ({ id }) => findLatestUsage(app, id),
      usageReports: ({ id }, filter) => listUsageReports(app, id, filter),
      usageSeries: ({ id }, query) => readUsageSeries(app, id, { ...query, granularity: query.granularity ?? 'DAY' }),
      usageCsv: ({ id }, query) => exportUsageCsv(app, id, { ...query, granularity: query.granularity ?? 'DAY' }),
      usageSummary: ({ id }) => readUsageSummary(app, id),
      activeNow: ({ id }) => findActiveNow(app, id),
      ...trace.Customer,
      intake: ({ id }) => app.loaders.intake.load(id),
    },
    Instance: {
      __resolveReference: ({ id }, { caller }) => findInstance(app, caller, id),
      latestUsage: ({ id }) => findLatestUsageOfInstance(app, id),
      lastReportedAt: async ({ id }) => (await getInstance(app, id)).lastReportedAt,
      intake: async ({ id }) => (await getInstance(app, id)).intake,
      missingReports: ({ id }) => app.loaders.sequenceGaps.load(id),
    },
  };
}
