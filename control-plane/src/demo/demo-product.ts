import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@iotistic/chassis/clock';
import { runningInstances } from './demo-fleet.ts';
import { countersOf, type DemoCounters, type DemoGauges, gaugesAt } from './demo-usage.ts';

const HOST = '127.0.0.1';

/** Under which names the agent reads them (instance-agent/README.md). */
const GAUGE_NAMES: Record<keyof DemoGauges, string> = {
  activeDevices: 'iotistic_active_devices',
  totalDevices: 'iotistic_total_devices',
  storageBytes: 'iotistic_storage_bytes',
  storageRows: 'iotistic_storage_rows',
};
const COUNTER_NAMES: Record<keyof DemoCounters, string> = {
  mqttMessagesPublished: 'iotistic_mqtt_messages_published_total',
  mqttMessagesReceived: 'iotistic_mqtt_messages_received_total',
  mqttBytesSent: 'iotistic_mqtt_bytes_sent_total',
  mqttBytesReceived: 'iotistic_mqtt_bytes_received_total',
  httpRequests: 'iotistic_http_requests_total',
  httpBytesSent: 'iotistic_http_bytes_sent_total',
  httpBytesReceived: 'iotistic_http_bytes_received_total',
};

export interface DemoProduct {
  /** The metrics page of one instance. */
  metricsUrl(instance: string): string;
  close(): Promise<void>;
}

/** Stands for the product in each of the demo's clusters: its metrics, as Prometheus would scrape them. */
export async function startDemoProduct(clock: Clock): Promise<DemoProduct> {
  const startedAt = clock.now().getTime();
  const instances = new Map(runningInstances().map(({ instance }) => [instance.name, instance]));
  const server = createServer((request, response) => {
    const instance = instances.get(/^\/([\w-]+)\/metrics$/.exec(request.url ?? '')?.[1] ?? '');
    if (instance === undefined) {
      response.writeHead(404).end();
      return;
    }
    const now = clock.now();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metricsPage(gaugesAt(instance, now), countersOf(instance, now, now.getTime() - startedAt)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    metricsUrl: (instance) => `http://${HOST}:${port}/${instance}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function metricsPage(gauges: DemoGauges, counters: DemoCounters): string {
  const lines = [
    ...Object.entries(GAUGE_NAMES).flatMap(([name, metric]) => [`# TYPE ${metric} gauge`, `${metric} ${gauges[name as keyof DemoGauges]}`]),
    ...Object.entries(COUNTER_NAMES).flatMap(([name, metric]) => [`# TYPE ${metric} counter`, `${metric} ${counters[name as keyof DemoCounters]}`]),
  ];
  return `${lines.join('\n')}\n`;
}
