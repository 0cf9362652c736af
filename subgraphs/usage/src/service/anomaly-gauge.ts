import type { UsageApp } from '../app.ts';
import { countOpenAnomalies } from '../repository/anomalies.ts';

/** How many anomalies are open: of all processes the same, whichever of them looks for them. */
export interface AnomalyGauge {
  refresh(): Promise<void>;
  close(): void;
}

const REFRESH_EVERY_MS = 60_000;

export function openAnomalyGauge(app: Pick<UsageApp, 'db' | 'log' | 'metrics'>): AnomalyGauge {
  const gauge = app.metrics.gauge('iotistic_usage_open_anomalies', 'Usage anomalies that are open, by kind', ['kind']);

  async function refresh(): Promise<void> {
    for (const [kind, count] of Object.entries(await countOpenAnomalies(app.db))) gauge.set({ kind }, count);
  }

  const timer = setInterval(() => {
    refresh().catch((err: unknown) => app.log.warn({ err }, 'open anomalies could not be counted'));
  }, REFRESH_EVERY_MS);
  timer.unref();
  return { refresh, close: () => clearInterval(timer) };
}
