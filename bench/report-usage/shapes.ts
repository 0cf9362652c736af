import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../child.ts';

/** Our mutation, the design documents' route, a bulk route beside that, or no route at all. */
type Api = 'graphql' | 'rest' | 'rest-bulk' | 'insert';

/** How reports are sent. */
export interface Sending {
  api: Api;
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
  previousHash: '{previous'.padEnd(31, '_') + '}',
  start: '{start'.padEnd(23, '_') + '}',
  end: '{end'.padEnd(23, '_') + '}',
} as const;

/** What each report says, in the order of the columns. */
export const NUMBERS = { activeDevices: 42, totalDevices: 45, mqttMessagesPublished: 150_000, mqttMessagesReceived: 120_000, mqttBytesSent: 1_500_000, mqttBytesReceived: 1_200_000, httpRequests: 5_000, httpBytesSent: 500_000, httpBytesReceived: 300_000, storageBytes: 131_596_288, storageRows: 500_000 };

const restReport = JSON.stringify({
  customer_id: SLOTS.customerId,
  instance_id: SLOTS.instance,
  timestamp: SLOTS.end,
  active_devices: NUMBERS.activeDevices,
  total_devices: NUMBERS.totalDevices,
  mqtt_messages_published: NUMBERS.mqttMessagesPublished,
  mqtt_messages_received: NUMBERS.mqttMessagesReceived,
  mqtt_bytes_sent: NUMBERS.mqttBytesSent,
  mqtt_bytes_received: NUMBERS.mqttBytesReceived,
  http_requests: NUMBERS.httpRequests,
  http_bytes_sent: NUMBERS.httpBytesSent,
  http_bytes_received: NUMBERS.httpBytesReceived,
  postgres_size_mb: 125.5,
  postgres_row_count: NUMBERS.storageRows,
});

const graphqlReport = JSON.stringify({ reportId: SLOTS.reportId, sequence: Number(SLOTS.sequence), intervalStart: SLOTS.start, intervalEnd: SLOTS.end, ...NUMBERS, previousHash: SLOTS.previousHash });
/** The document that our own agent sends. */
const graphqlHead = JSON.stringify({ query: readFileSync(join(ROOT, 'schema/operations/agent/report-usage.graphql'), 'utf8'), operationName: 'AgentReportUsage' }).slice(0, -1);

const SHAPES: Record<Exclude<Api, 'insert'>, (reportsPerCall: number) => Shape> = {
  graphql: (reportsPerCall) => ({ path: '/graphql', body: (reports) => `${graphqlHead},"variables":{"usage":{"instance":"${SLOTS.instance}","reports":[${reports}]}}}`, report: graphqlReport, expected: `"accepted":${reportsPerCall},` }),
  rest: () => ({ path: '/api/usage/report', body: (reports) => reports, report: restReport, expected: 'Usage reported successfully' }),
  'rest-bulk': (reportsPerCall) => ({ path: '/api/usage/reports', body: (reports) => `{"reports":[${reports}]}`, report: restReport, expected: `"accepted":${reportsPerCall}` }),
};

export function shapeOf(sending: Sending): Shape {
  if (sending.api === 'insert') throw new Error('a bare insert is not sent over HTTP');
  return SHAPES[sending.api](sending.reportsPerCall);
}
