/** `npm start` as a person runs it, its own database included: killed in the middle of a stream of reports, it has lost nothing that it answered. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf, ROOT } from './built.ts';
import { reportOf, SIGN_UP } from './documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'iotistic-kill-'));
const dataDir = join(folder, 'data');
const REPORT = 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted duplicates rejected { reason } } }';
let port: number;
let plane: StartedProcess;
let client: GraphqlClient;

async function start(): Promise<void> {
  plane = startProcess(process.execPath, [mainOf('control-plane')], { PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'warn' }, { cwd: ROOT });
  await untilReady(`http://127.0.0.1:${port}/readyz`, plane);
}

beforeAll(async () => {
  await build();
  port = await findFreePort();
  client = createGraphqlClient(`http://127.0.0.1:${port}`);
  await start();
});
afterAll(async () => {
  await plane.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('kill -9 in the middle', () => {
  it('loses no report that was answered, and counts none twice that is sent again', async () => {
    const { signUp } = await client.ask<{ signUp: { customer: { id: string; license: { token: string } }; session: { token: string } } }>(SIGN_UP, { input: { email: 'ada@example.com', password: 'correct horse' } });
    const user = client.as({ bearer: signUp.session.token });
    const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId: signUp.customer.id, name: 'k' } });
    const instance = client.as({ apiKey: createApiKey.secret });
    const sent: Record<string, unknown>[] = [];
    const answered = new Set<string>();
    let stopped = false;
    const stream = async (name: string): Promise<void> => {
      while (!stopped) {
        const reports = Array.from({ length: 5 }, () => reportOf({ minutesAgo: 10, mqttMessagesPublished: 1 }));
        sent.push(...reports.map((report) => ({ name, report })));
        try {
          const { data } = await instance.send(REPORT, { input: { instance: name, reports } });
          if ((data as { reportUsage?: { accepted: number } } | null)?.reportUsage?.accepted === 5) for (const { reportId } of reports) answered.add(reportId as string);
        } catch {
          stopped = true;
        }
      }
    };
    const streams = Array.from({ length: 8 }, (_, index) => stream(`instance-${index}`));
    await expect.poll(() => answered.size).toBeGreaterThan(300);
    await plane.stop('SIGKILL');
    await Promise.all(streams);
    await start();

    const totals = async (): Promise<{ reports: number; messages: number }> => {
      const from = new Date(Date.now() - 86_400_000).toISOString();
      const to = new Date(Date.now() + 86_400_000).toISOString();
      const { customer } = await user.ask<{ customer: { usageReports: { totalCount: number }; usageSeries: { quantity: number }[] } }>('query ($id: ID!, $from: DateTime!, $to: DateTime!) { customer(id: $id) { usageReports(first: 1) { totalCount } usageSeries(meter: MQTT_MESSAGES, from: $from, to: $to) { quantity } } }', { id: signUp.customer.id, from, to });
      return { reports: customer.usageReports.totalCount, messages: customer.usageSeries.reduce((sum, { quantity }) => sum + quantity, 0) };
    };
    const after = await totals();
    expect(after.reports).toBeGreaterThanOrEqual(answered.size);
    expect(after.reports).toBeLessThanOrEqual(sent.length);
    expect(after.messages).toBe(after.reports);

    for (const name of new Set(sent.map((one) => one['name'] as string))) {
      const reports = sent.filter((one) => one['name'] === name).map((one) => one['report']);
      for (let start = 0; start < reports.length; start += 1000) {
        const { reportUsage } = await instance.ask<{ reportUsage: { rejected: unknown[] } }>(REPORT, { input: { instance: name, reports: reports.slice(start, start + 1000) } });
        expect(reportUsage.rejected).toEqual([]);
      }
    }
    expect(await totals()).toEqual({ reports: sent.length, messages: sent.length });
    const { customer } = await user.ask<{ customer: { license: { token: string } } }>('query ($id: ID!) { customer(id: $id) { license { token } } }', { id: signUp.customer.id });
    expect(customer.license.token).toBe(signUp.customer.license.token);
  });

  it('keeps its admin token to its owner, and ends on SIGTERM with 0, its database included', async () => {
    const token = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim();
    expect(await client.as({ bearer: token }).ask('{ viewer { ... on AdminViewer { name } } }')).toMatchObject({ viewer: {} });
    expect(await plane.stop('SIGTERM')).toBe(0);
    expect(plane.output()).toContain('Try next');
    await start();
  });

  it('says in plain words that its port is taken', async () => {
    const second = startProcess(process.execPath, [mainOf('control-plane')], { PORT: String(port), DATA_DIR: join(folder, 'other'), LOG_LEVEL: 'warn' }, { cwd: ROOT });
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(new RegExp(`PORT: ${port} is taken`));
    expect(second.output()).not.toContain('    at ');
  });

  it('refuses to run for production on what is made for trying out', async () => {
    const production = startProcess(process.execPath, [mainOf('control-plane')], { NODE_ENV: 'production', PORT: '0', DATA_DIR: join(folder, 'production') }, { cwd: ROOT });
    expect(await production.exited).toBe(1);
    expect(production.output()).toMatch(/ADMIN_API_TOKEN[\s\S]*DATABASE_URL/);
  });
});
