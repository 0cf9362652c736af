/** `npm run alerts`: the alerts as a PrometheusRule, for clusters with Prometheus' operator. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { FOLDER, readAlerts } from './expressions.ts';

const NOTE = '# Made of alerts.yml by `npm run alerts`.\n';

export function prometheusRule(): object {
  return { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: { name: 'iotistic-control-plane', labels: { 'app.kubernetes.io/name': 'iotistic-control-plane' } }, spec: readAlerts() };
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(FOLDER, 'prometheus/prometheus-rule.yml'), NOTE + stringify(prometheusRule(), { lineWidth: 0 }));
