/** What an operator sees of a running plane: all that its alerts and dashboards ask for, and one trace of a report from the gateway to the bill. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { headersOf } from '@iotistic/testkit/client';
import { waitFor } from '@iotistic/testkit/wait';
import { createAgent } from 'iotistic-agent';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readExpressions, type Selector, selectorsOf } from '../observability/expressions.ts';
import { reportOf, SIGN_UP } from './documents.ts';
import { type ReceivedSpan, startTraceReceiver, type TraceReceiver } from './trace-receiver.ts';

const REPORT = 'mutation SendReports($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }';

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

interface Sample {
  metric: string;
  value: number;
  labels: Record<string, string>;
}

/** A page of metrics: what it names, and what it has a value of. */
async function scrape(url: string): Promise<{ names: Set<string>; samples: Sample[] }> {
  const response = await fetch(url);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain; version=0.0.4')]);
  const lines = (await response.text()).split('\n');
  const names = new Set(lines.flatMap((line) => (line.startsWith('# TYPE ') ? [line.split(' ')[2] ?? ''] : [])));
  const samples = lines.flatMap((line): Sample[] => {
    const [, metric, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    return metric === undefined ? [] : [{ metric, value: Number(value), labels: Object.fromEntries([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) => [label, value])) }];
  });
  return { names, samples };
}

/** Prometheus' own. */
const ITS_METRICS = new Set(['up']);
const ITS_LABELS = new Set(['instance', 'job']);

const familyOf = (metric: string): string => metric.replace(/_(bucket|sum|count)$/, '');
const fits = (sample: Sample, { metric, matchers }: Selector): boolean =>
  sample.metric === metric && matchers.every(({ label, operator, value }) => ITS_LABELS.has(label) || (operator === '=' ? sample.labels[label] === value : operator === '=~' ? new RegExp(`^(?:${value})$`).test(sample.labels[label] ?? '') : sample.labels[label] !== undefined));

describe('the metrics of a running plane and of an agent', () => {
  it('are all that a dashboard or an alert asks for, with the labels that they ask for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'iotistic-observed-'));
    const agent = createAgent({ environment: { BILLING_API_URL: booted.plane.url, INSTANCE_ID: 'eu-1', IOTISTIC_API_KEY: apiKey, AGENT_DATA_DIR: folder, LOG_LEVEL: 'silent', AGENT_PORT: '0' }, schedule: false });
    try {
      const url = await agent.start();
      await agent.record({ activeDevices: 2, totalDevices: 2 });
      await agent.collectAndReport();
      const pages = await Promise.all([scrape(`${booted.plane.url}/metrics`), scrape(`${String(url)}/metrics`)]);
      const names = new Set(pages.flatMap((page) => [...page.names]));
      const samples = pages.flatMap((page) => page.samples);
      const missing = readExpressions().flatMap(({ where, expr }) =>
        selectorsOf(expr)
          .filter((selector) => !ITS_METRICS.has(selector.metric))
          .flatMap((selector) => {
            if (!names.has(selector.metric) && !names.has(familyOf(selector.metric))) return [`${where}: ${selector.metric}`];
            // What carries labels and has not happened yet has no value: then the name is all that can be seen.
            const isKnown = samples.some(({ metric }) => metric === selector.metric);
            return isKnown && !samples.some((sample) => fits(sample, selector)) ? [`${where}: ${selector.metric} ${JSON.stringify(selector.matchers)}`] : [];
          }),
      );
      expect(missing).toEqual([]);
      expect(samples.filter(({ metric, value }) => metric === 'iotistic_scrape_failures_total' && value > 0)).toEqual([]);
    } finally {
      await agent.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a trace', () => {
  it('goes from a report through gateway, usage, the event of what was measured and the job that billing makes of it', async () => {
    const traceId = randomBytes(16).toString('hex');
    await reportWithin(traceId, 5);
    const expected = ['gateway: POST /graphql', 'gateway: mutation', 'gateway: fetch usage', 'usage: SendReports__usage__0', 'usage: commit reports', 'usage: transaction', 'usage: measure usage', 'usage: relay events', 'billing: job usage.recorded', 'billing: transaction'];
    await waitFor(() => expect(told(receiver.spansOf(traceId))).toEqual(expect.arrayContaining(expected)), { timeout: 40_000, interval: 100 });
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
    await waitFor(() => expect(told(receiver.all())).toContain('gateway: query'), { timeout: 40_000, interval: 100 });
    expect(told(receiver.all()).filter((name) => name.includes('/metrics'))).toEqual([]);
  });
});
