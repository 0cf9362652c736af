import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { trace } from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigError } from './config.ts';
import { createLog } from './log.ts';
import { startTelemetry, wantsTraces } from './telemetry.ts';
import { addTraceHeaders, currentTraceId, currentTraceparent, inChildSpan, inSpan, isTracing, withTraceparent } from './tracing.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const log = createLog({ level: 'silent', name: 'test' });
let server: Server | undefined;

interface SentSpan {
  traceId: string;
  name: string;
  parentSpanId?: string;
  status: { code: number; message?: string };
  links?: { traceId: string }[];
}

/** A collector; one that is deaf takes what comes and never answers. */
async function collector({ isDeaf = false } = {}): Promise<{ url: string; spans: SentSpan[] }> {
  const spans: SentSpan[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] };
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      if (!isDeaf) response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

async function start(url: string): Promise<{ close(): Promise<void> }> {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url);
  return startTelemetry({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: url }, name: 'test', log });
}

afterEach(async () => {
  await new Promise<void>((resolve) => {
    if (server === undefined) return resolve();
    server.close(() => resolve());
    server.closeAllConnections();
    server = undefined;
  });
});

describe('without a collector', () => {
  it.each<[string, NodeJS.ProcessEnv, boolean]>([
    ['nothing is set', {}, false],
    ['an endpoint is set to nothing', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    ['one is named', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }, true],
    ['one for traces is named', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, true],
    ['the SDK is switched off', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_SDK_DISABLED: 'true' }, false],
    ['traces are not exported', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
  ])('%s', (_name, environment, expected) => {
    expect(wantsTraces(environment)).toBe(expected);
  });

  it('work is run as it is: its own promise, no context, no headers', async () => {
    await (await startTelemetry({ environment: {}, name: 'test', log })).close();
    const promise = Promise.resolve(7);
    expect(inSpan('test', 'span', () => promise)).toBe(promise);
    expect(inChildSpan('test', 'span', () => promise)).toBe(promise);
    expect(withTraceparent(PARENT, () => [isTracing(), currentTraceparent(), currentTraceId(), trace.getActiveSpan()])).toEqual([false, null, null, undefined]);
    expect(addTraceHeaders({})).toEqual({});
  });
});

describe('with a collector', () => {
  it('spans of one trace hang together, a failure says so, and what is left is sent at the end', async () => {
    const { url, spans } = await collector();
    const telemetry = await start(url);
    await inSpan('test', 'outer', async (span) => {
      span.rename('request');
      expect(currentTraceId()).toBe(TRACE);
      expect(addTraceHeaders({})['traceparent']).toBe(currentTraceparent());
      await inChildSpan('test', 'inner', () => Promise.reject(new Error('it broke'))).catch(() => undefined);
    }, { parent: PARENT, links: [null, `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`] });
    expect(currentTraceparent()).toBeNull();
    await telemetry.close();
    expect(isTracing()).toBe(false);
    expect(spans.map(({ traceId, name, status }) => [traceId, name, status.code])).toEqual([
      [TRACE, 'inner', 2],
      [TRACE, 'request', 0],
    ]);
    expect(spans[1]).toMatchObject({ parentSpanId: 'b7ad6b7169203331', links: [{ traceId: '1'.repeat(32) }] });
  });

  it('what runs by itself begins no trace, and what is detached is part of none', async () => {
    const { url, spans } = await collector();
    const telemetry = await start(url);
    await inChildSpan('test', 'alone', () => Promise.resolve());
    await inSpan('test', 'request', () => withTraceparent(null, () => inChildSpan('test', 'detached', () => Promise.resolve())));
    await telemetry.close();
    expect(spans.map(({ name }) => name)).toEqual(['request']);
  });

  it('a traceparent that is none begins a trace anew', async () => {
    const { url, spans } = await collector();
    const telemetry = await start(url);
    for (const parent of ['nonsense', '00-0-0-01', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`]) await inSpan('test', parent, () => Promise.resolve(), { parent });
    await telemetry.close();
    expect(spans.map(({ parentSpanId }) => parentSpanId ?? '')).toEqual(['', '', '']);
  });

  it('that takes everything and answers nothing, a process still ends', async () => {
    const { url } = await collector({ isDeaf: true });
    const telemetry = await start(url);
    await inSpan('test', 'request', () => Promise.resolve());
    await telemetry.close();
    expect(isTracing()).toBe(false);
  });

  it('by gRPC is refused in plain words', async () => {
    await expect(startTelemetry({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, name: 'test', log })).rejects.toThrow(ConfigError);
  });
});
