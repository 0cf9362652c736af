import { USAGE_ANOMALY_KINDS } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { countOpenAnomalies } from '../repository/anomalies.ts';
import { countWatchedInstances } from '../repository/instance-watch.ts';

/** How many anomalies are open, and how many instances report: of all processes the same, whichever of them looks for them. */
export interface AnomalyGauge {
  /** Shows at once what a look found; between two of them each scrape asks. */
  refresh(): Promise<void>;
  close(): void;
}

export function openAnomalyGauge(app: Pick<UsageApp, 'db' | 'metrics'>): AnomalyGauge {
  const anomalies = app.metrics.gauge('iotistic_usage_open_anomalies', 'Usage anomalies that are open, by kind', ['kind']);
  const instances = app.metrics.gauge('iotistic_usage_instances', 'Instances that ever reported, by whether they still do', ['state']);
  for (const kind of USAGE_ANOMALY_KINDS) anomalies.set({ kind }, 0);
  for (const state of ['reporting', 'silent']) instances.set({ state }, 0);

  async function refresh(): Promise<void> {
    for (const [kind, count] of Object.entries(await countOpenAnomalies(app.db))) anomalies.set({ kind }, count);
    for (const [state, count] of Object.entries(await countWatchedInstances(app.db))) instances.set({ state }, count);
  }

  return { refresh, close: app.metrics.onScrape('anomalies', refresh) };
}
