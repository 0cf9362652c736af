/** A month that an instance was away, told in one go: nothing is refused for being much, nothing is lost, and live subscribers see it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { createAgent } from 'iotistic-agent';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Spool } from '../instance-agent/src/spool.ts';
import { SIGN_UP } from './documents.ts';
import { silent } from './faults/spool-bounds.ts';

const EVERY_MS = 10 * 60_000;
const REPORTS = (30 * 86_400_000) / EVERY_MS;
const folder = mkdtempSync(join(tmpdir(), 'iotistic-backlog-'));
let booted: BootedPlane;
beforeAll(async () => {
  booted = await bootPlane();
});
afterAll(async () => {
  await booted.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('a month by ten minutes arrives whole in one exchange, batch after batch', async () => {
  const { signUp } = await booted.client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'backlog@example.com', password: 'correct horse' } });
  const { id } = signUp.customer;
  const user = booted.client.as({ bearer: signUp.session.token });
  const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId: id, name: 'agent' } });
  const spool = await Spool.open(join(folder, 'spool'), silent);
  const begin = Date.now() - 31 * 86_400_000;
  for (let index = 0; index < REPORTS; index += 1) {
    const start = new Date(begin + index * EVERY_MS);
    await spool.append({ gauges: { activeDevices: 1 + (index % 9), totalDevices: 9 }, counters: { mqttMessagesPublished: index }, baselines: {} }, { start, end: new Date(start.getTime() + EVERY_MS) });
  }
  await spool.close();
  const agent = createAgent({ environment: { BILLING_API_URL: booted.plane.url, IOTISTIC_API_KEY: createApiKey.secret, INSTANCE_ID: 'plant-1', AGENT_DATA_DIR: folder, LOG_LEVEL: 'silent' }, localApi: false, schedule: false });
  await agent.start();
  expect((await agent.collectAndReport()).exchange).toMatchObject({ sent: REPORTS, accepted: REPORTS, rejected: 0, license: 'accepted' });
  expect(agent.licenseStatus().spool.pending).toBe(0);
  await agent.stop();
  const from = new Date(begin - 86_400_000).toISOString();
  const { customer } = await user.ask<{ customer: { intake: { accepted: number; rejected: number }; usageSeries: { quantity: number; reports: number }[] } }>(
    'query ($id: ID!, $from: DateTime!, $to: DateTime!) { customer(id: $id) { intake { accepted rejected } usageSeries(meter: MQTT_MESSAGES, from: $from, to: $to, granularity: DAY) { quantity reports } } }',
    { id, from, to: new Date().toISOString() },
  );
  expect(customer.intake).toEqual({ accepted: REPORTS, rejected: 0 });
  expect(customer.usageSeries.reduce((sum, { reports }) => sum + reports, 0)).toBe(REPORTS);
  expect(customer.usageSeries.reduce((sum, { quantity }) => sum + quantity, 0)).toBe((REPORTS * (REPORTS - 1)) / 2);
}, 120_000);
