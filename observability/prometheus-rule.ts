/** `npm run alerts`: the alerts as a PrometheusRule, for clusters with Prometheus' operator, and where the chart finds them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { FOLDER, readAlerts } from './expressions.ts';

const NOTE = '# Made of observability/prometheus/alerts.yml by `npm run alerts`.\n';
/** A chart reads no file outside of itself. */
export const CHART_ALERTS = join(FOLDER, '../charts/control-plane/files/alerts.yml');

export function prometheusRule(): object {
  return { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: { name: 'iotistic-control-plane', labels: { 'app.kubernetes.io/name': 'iotistic-control-plane' } }, spec: readAlerts() };
}

if (process.argv[1] === import.meta.filename) {
  const write = (file: string, content: object): void => writeFileSync(file, NOTE + stringify(content, { lineWidth: 0 }));
  write(join(FOLDER, 'prometheus/prometheus-rule.yml'), prometheusRule());
  mkdirSync(dirname(CHART_ALERTS), { recursive: true });
  write(CHART_ALERTS, readAlerts());
}
