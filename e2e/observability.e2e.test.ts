/** What an operator sees of a running plane: one trace of a report, from the gateway to the bill. */
import { randomBytes } from 'node:crypto';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { headersOf } from '@iotistic/testkit/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { reportOf, SIGN_UP } from './documents.ts';
import { type ReceivedSpan, startTraceReceiver, type TraceReceiver } from './trace-receiver.ts';

const REPORT = 'mutation SendReports($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }';
const PATIENCE = { timeout: 40_000, interval: 100 };

let receiver: TraceReceiver;
let booted: BootedPlane;
let apiKey: string;

beforeAll(async () => {
  receiver = await startTraceReceiver();
  // OpenTelemetry's own SDK reads the process's environment.
  const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100', OTEL_SERVICE_NAME: 'plane-under-test' };
  for (const [name, value] of Object.entries(otel)) vi.stubEnv(name, value);
  booted = await bootPlane({ environment: otel });
  const { signUp } = await booted.client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'ada@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
  const { createApiKey } = await booted.client.as({ bearer: signUp.session.token }).ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId: signUp.customer.id, name: 'cluster' } });
  apiKey = createApiKey.secret;
});
afterAll(async () => {
  await booted.stop();
  await receiver.close();
});

/** Sends a report as part of a trace that somebody else began. */
async function reportWithin(traceId: string, minutesAgo: number): Promise<void> {
  const response = await fetch(`${booted.plane.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf({ apiKey }), traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` },
    body: JSON.stringify({ query: REPORT, variables: { input: { instance: 'us-east-1-prod', reports: [reportOf({ minutesAgo, mqttMessagesPublished: 40 })] } } }),
  });
  expect(await response.json()).toEqual({ data: { reportUsage: { accepted: 1 } } });
}

const told = (spans: readonly ReceivedSpan[]): string[] => spans.map(({ scope, name }) => `${scope}: ${name}`);

describe('a trace', () => {
  it('goes from a report through gateway, usage, the event of what was measured and the job that billing makes of it', async () => {
    const traceId = randomBytes(16).toString('hex');
    await reportWithin(traceId, 5);
    const expected = ['gateway: POST /graphql', 'gateway: mutation', 'gateway: fetch usage', 'usage: SendReports__usage__0', 'usage: commit reports', 'usage: transaction', 'usage: measure usage', 'usage: relay events', 'billing: job usage.recorded', 'billing: transaction'];
    await vi.waitFor(() => expect(told(receiver.spansOf(traceId))).toEqual(expect.arrayContaining(expected)), PATIENCE);
    const spans = receiver.spansOf(traceId);
    const known = new Set(spans.map(({ spanId }) => spanId));
    const [root, ...others] = spans.filter(({ parentSpanId }) => parentSpanId === undefined || !known.has(parentSpanId));
    // One tree: all but what the caller's own span is the parent of have theirs among them.
    expect([root?.name, others]).toEqual(['POST /graphql', []]);
    expect(new Set(spans.map(({ process }) => process))).toEqual(new Set(['plane-under-test']));
  });

  it('begins with a request that brings none, and with none that is asked every few seconds', async () => {
    await fetch(`${booted.plane.url}/metrics`);
    const { headers } = await booted.admin.send('query Anybody { customers { totalCount } }');
    expect(headers.get('x-request-id')).toMatch(/^req_/);
    await vi.waitFor(() => expect(told(receiver.all())).toContain('gateway: query'), PATIENCE);
    expect(told(receiver.all()).filter((name) => name.includes('/metrics'))).toEqual([]);
  });
});
