import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { TimeSource } from './clock.ts';
import { createLog, type Log } from './log.ts';

/** A folder that is gone after the test. */
export async function temporaryFolder(atEnd: (work: () => Promise<void>) => void = onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'iotistic-agent-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A machine whose wall clock and whose elapsed time move as the test says. */
export interface TestMachine extends TimeSource {
  /** Time passes. */
  advance(ms: number): void;
  /** Somebody sets the wall clock. */
  setWall(at: Date): void;
}

export function createTestMachine(start: Date): TestMachine {
  let wall = start.getTime();
  let elapsed = 0;
  return {
    now: () => new Date(wall),
    monotonicMs: () => elapsed,
    advance: (ms) => {
      wall += ms;
      elapsed += ms;
    },
    setWall: (at) => {
      wall = at.getTime();
    },
  };
}

export const silentLog: Log = createLog('silent');

/** A log whose lines a test can read. */
export function createRecordingLog(): { log: Log; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('debug', { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
  return { log, lines };
}

/** A Prometheus endpoint whose page the test writes; null cuts the connection. */
export async function startMetricsPage(contentType = 'text/plain; version=0.0.4', headers: Record<string, string> = {}): Promise<{ url: string; page: string | Buffer | null; status: number; accept: string | undefined }> {
  const server = createServer((request, response) => {
    endpoint.accept = request.headers.accept;
    // Whoever says that the connection ends the page does not say how long it is.
    response.useChunkedEncodingByDefault = headers['connection'] !== 'close';
    if (endpoint.page === null) response.destroy();
    else response.writeHead(endpoint.status, { 'content-type': contentType, ...headers }).end(endpoint.page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const endpoint = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, page: '' as string | Buffer | null, status: 200, accept: undefined as string | undefined };
  return endpoint;
}
