import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../child.ts';

/** How reports are sent: our mutation, the design documents' route, or a bulk route beside that. */
export interface Sending {
  api: 'graphql' | 'rest' | 'rest-bulk';
  reportsPerCall: number;
  /** Between two reports of one instance. */
  intervalMinutes: number;
}

export interface Shape {
  path: string;
  /** Of a whole call, with the text of its reports inside. */
  body(reports: string): string;
  report: string;
  /** In every good answer. */
  expected: string;
}

/** Stand where a value goes that differs from call to call or from report to report. Each value is as wide as its slot. */
export const SLOTS = {
  customerId: '{customer'.padEnd(28, '_') + '}',
  instance: '{instan}',
  reportId: '{report'.padEnd(35, '_') + '}',
  sequence: '9876543',
  start: '{start'.padEnd(23, '_') + '}',
  end: '{end'.padEnd(23, '_') + '}',
} as const;

const numbers = { activeDevices: 42, totalDevices: 45, mqttMessagesPublished: 150_000, mqttMessagesReceived: 120_000, mqttBytesSent: 1_500_000, mqttBytesReceived: 1_200_000, httpRequests: 5_000, httpBytesSent: 500_000, httpBytesReceived: 300_000, storageBytes: 131_596_288, storageRows: 500_000 };

const restReport = JSON.stringify({
  customer_id: SLOTS.customerId,
  instance_id: SLOTS.instance,
  timestamp: SLOTS.end,
  active_devices: numbers.activeDevices,
  total_devices: numbers.totalDevices,
  mqtt_messages_published: numbers.mqttMessagesPublished,
  mqtt_messages_received: numbers.mqttMessagesReceived,
  mqtt_bytes_sent: numbers.mqttBytesSent,
  mqtt_bytes_received: numbers.mqttBytesReceived,
  http_requests: numbers.httpRequests,
  http_bytes_sent: numbers.httpBytesSent,
  http_bytes_received: numbers.httpBytesReceived,
  postgres_size_mb: 125.5,
  postgres_row_count: numbers.storageRows,
});

const graphqlReport = JSON.stringify({ reportId: SLOTS.reportId, sequence: Number(SLOTS.sequence), intervalStart: SLOTS.start, intervalEnd: SLOTS.end, ...numbers });
/** The document that our own agent sends. */
const graphqlHead = JSON.stringify({ query: readFileSync(join(ROOT, 'schema/operations/agent/report-usage.graphql'), 'utf8'), operationName: 'AgentReportUsage' }).slice(0, -1);

const SHAPES: Record<Sending['api'], (reportsPerCall: number) => Shape> = {
  graphql: (reportsPerCall) => ({ path: '/graphql', body: (reports) => `${graphqlHead},"variables":{"usage":{"instance":"${SLOTS.instance}","reports":[${reports}]}}}`, report: graphqlReport, expected: `"accepted":${reportsPerCall},` }),
  rest: () => ({ path: '/api/usage/report', body: (reports) => reports, report: restReport, expected: 'Usage reported successfully' }),
  'rest-bulk': (reportsPerCall) => ({ path: '/api/usage/reports', body: (reports) => `{"reports":[${reports}]}`, report: restReport, expected: `"accepted":${reportsPerCall}` }),
};

export function shapeOf(sending: Sending): Shape {
  return SHAPES[sending.api](sending.reportsPerCall);
}
