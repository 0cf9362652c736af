import type { Platform } from '@iotistic/chassis/platform';
import { type BaseApp, type RunningSubgraph, startSubgraph } from '@iotistic/chassis/subgraph';
import type { UsageConfig } from './config.ts';
import { access } from './graphql/access.ts';
import { resolvers } from './graphql/resolvers.ts';
import { events, schedule } from './jobs/index.ts';
import type { PeriodTotals } from './domain/measurement.ts';
import { createLoaders, type Loaders } from './repository/loaders.ts';
import { type CallLimits, openCallLimits } from './service/call-limits.ts';
import { migrations } from './repository/migrations.ts';
import type { UsageTables } from './repository/tables.ts';
import { goOnAfterRestore } from './service/go-on-after-restore.ts';
import { type AnomalyGauge, openAnomalyGauge } from './service/anomaly-gauge.ts';
import { INTAKE_CONNECTIONS, openIntake, type ReportIntake } from './service/report-intake.ts';
import { type Measuring, openMeasuring } from './service/measuring.ts';
import { openPartitions, type Partitions } from './service/partitions.ts';
import type { UsagePoint } from './service/read-usage-series.ts';
import { VersionedCache } from './service/versioned-cache.ts';

export interface UsageApp extends BaseApp<UsageTables> {
  config: UsageConfig;
  loaders: Loaders;
  partitions: Partitions;
  measuring: Measuring;
  intake: ReportIntake;
  callLimits: CallLimits;
  anomalyGauge: AnomalyGauge;
  series: VersionedCache<UsagePoint[]>;
  periods: VersionedCache<PeriodTotals>;
}

const MAX_CONNECTIONS = 10;
/** Some 20 MB. */
const MAX_KEPT_POINTS = 100_000;
const MAX_KEPT_PERIODS = 10_000;

export function startUsage(config: UsageConfig, platform: Platform): Promise<RunningSubgraph> {
  return startSubgraph<'usage', UsageTables, UsageApp>(
    {
      name: 'usage',
      typeDefs: new URL('../../../schema/usage.graphql', import.meta.url),
      migrations,
      maxConnections: MAX_CONNECTIONS,
      pipelineConnections: INTAKE_CONNECTIONS,
      goOnAfterRestore,
      async build(base, { openPipeline }) {
        const partitions = await openPartitions(base);
        const measuring = openMeasuring(base);
        return { ...base, config, loaders: createLoaders(base.db), partitions, measuring, callLimits: openCallLimits({ ...base, config }), intake: openIntake({ ...base, config, partitions, measuring, pipeline: openPipeline() }), anomalyGauge: openAnomalyGauge(base), series: new VersionedCache(MAX_KEPT_POINTS), periods: new VersionedCache(MAX_KEPT_PERIODS) };
      },
      resolvers,
      access,
      handingOnRequestId: ['reportUsage'],
      events,
      schedule,
      async close(app) {
        await app.intake.close();
        await app.measuring.close();
        app.partitions.close();
        app.anomalyGauge.close();
      },
    },
    platform,
  );
}
