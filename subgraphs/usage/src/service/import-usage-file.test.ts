import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { type UsageFile, writeUsageFile } from '@iotistic/contracts/air-gap';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ANYONE, newTenant, prepareDatabase, reportEnding, startUnderTest, type Tenant, type UsageUnderTest } from '../under-test.ts';

const clock = createTestClock('2026-11-20T12:00:00.000Z');
const DAY_MS = 86_400_000;
const IMPORT = 'mutation ($input: ImportUsageFileInput!) { importUsageFile(input: $input) { accepted late duplicates rejected { reportId reason } answer { fileId customerId instance verdicts } } }';
const FORGET = 'mutation ($input: ForgetInstanceKeyInput!) { forgetInstanceKey(input: $input) { forgotten } }';
let database: TestDatabase;
let usage: UsageUnderTest;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'usage', migrate: prepareDatabase });
  usage = await startUnderTest(database.url, clock);
});
afterAll(async () => {
  await usage.close();
  await database.drop();
});

const newKey = () => generateKeyPairSync('ed25519').privateKey;
const reports = (count: number): Record<string, unknown>[] => Array.from({ length: count }, (_each, index) => reportEnding(new Date(clock.now().getTime() - (index + 1) * 60_000), { sequence: count - index, mqttMessagesPublished: 1 }));

function fileOf({ id }: Tenant, changes: Partial<UsageFile> = {}, key = newKey()): string {
  return writeUsageFile({ fileId: randomUUID(), customerId: id, instance: 'bunker', agentVersion: '1.0.0', exportedAt: 1, holding: null, reports: reports(3), ...changes }, key);
}

interface Imported {
  accepted: number;
  duplicates: number;
  rejected: { reportId: string; reason: string }[];
  answer: { fileId: string; verdicts: string };
}

const imported = async ({ id, user }: Tenant, file: string): Promise<Imported> => {
  const { data, errors } = await usage.run(user, IMPORT, { input: { customerId: id, file } });
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return (data as { importUsageFile: Imported }).importUsageFile;
};
const refusal = async (tenant: Tenant, file: string, caller = tenant.user): Promise<unknown> => (await usage.run(caller, IMPORT, { input: { customerId: tenant.id, file } })).errors?.[0]?.extensions?.['reason'];

describe('a usage file', () => {
  it('of several thousand reports is stored whole, and a second time not at all', async () => {
    const tenant = newTenant();
    const file = fileOf(tenant, { fileId: 'f1', reports: reports(2_500) });
    const first = await imported(tenant, file);
    expect(first).toMatchObject({ accepted: 2_500, duplicates: 0, rejected: [], answer: { fileId: 'f1', customerId: tenant.id, instance: 'bunker' } });
    expect(JSON.parse(first.answer.verdicts)).toEqual({ accepted: 2_500, late: 0, duplicates: 0, rejected: [] });
    expect(await imported(tenant, file)).toMatchObject({ accepted: 0, duplicates: 2_500 });
    expect(await usage.customer(ADMIN, tenant.id, 'intake { received accepted duplicates }')).toMatchObject({ intake: { received: 5_000, accepted: 2_500, duplicates: 2_500 } });
  });

  it.each([
    ['wrapped at 76 columns, as mails do', (file: string) => `${(file.match(/.{1,76}/g) ?? []).join('\r\n')}\r\n`],
    ['in quotes, behind a mark of its encoding', (file: string) => `\ufeff"${file}"\n`],
  ])('%s is the same file', async (_how, wrap) => {
    const tenant = newTenant();
    const file = fileOf(tenant);
    expect(await imported(tenant, wrap(file))).toMatchObject({ accepted: 3 });
    expect(await imported(tenant, file)).toMatchObject({ accepted: 0, duplicates: 3 });
  });

  it('with a bad report in it has that one refused, and says which', async () => {
    const tenant = newTenant();
    const bad = { ...reportEnding(new Date(clock.now().getTime() + DAY_MS)), reportId: 'from-the-future' };
    const { accepted, rejected } = await imported(tenant, fileOf(tenant, { reports: [...reports(2), bad] }));
    expect([accepted, rejected]).toEqual([2, [{ reportId: 'from-the-future', reason: 'INTERVAL_IN_FUTURE' }]]);
  });

  it('keeps the chain of the agent’s own hashes, and names a hash that is none', async () => {
    const tenant = newTenant();
    const chained = reports(2).map((report, index) => ({ ...report, previousHash: String(index).repeat(32) }));
    expect(await imported(tenant, fileOf(tenant, { reports: chained }))).toMatchObject({ accepted: 2, rejected: [] });
    const { rows } = await usage.pool.query<{ hash: string }>("select replace(u.previous_hash::text, '-', '') as hash from usage_reports u join instances i on i.no = u.instance_no where i.customer_id = $1 order by u.sequence desc", [tenant.id]);
    expect(rows.map(({ hash }) => hash)).toEqual(chained.map(({ previousHash }) => previousHash));
    const [report] = reports(1);
    const { rejected } = await imported(tenant, fileOf(tenant, { reports: [{ ...report, reportId: 'unhashed', previousHash: 'none' }], instance: 'cellar' }));
    expect(rejected).toEqual([{ reportId: 'unhashed', reason: 'INVALID_PREVIOUS_HASH' }]);
  });

  it('without a report asks for the answer alone', async () => {
    const tenant = newTenant();
    expect(await imported(tenant, fileOf(tenant, { reports: [] }))).toMatchObject({ accepted: 0, duplicates: 0, rejected: [] });
  });

  it('is refused whole when it is not what it says', async () => {
    const tenant = newTenant();
    expect(await refusal(tenant, 'hello')).toBe('FILE_MALFORMED');
    expect(await refusal(tenant, fileOf(tenant, { reports: [...reports(1), { reportId: 'x', activeDevices: 'many' }] }))).toBe('FILE_MALFORMED');
    expect(await refusal(tenant, fileOf(newTenant()))).toBe('FILE_OF_OTHER_CUSTOMER');
    expect(await refusal(tenant, fileOf(tenant, { instance: 'no such name' }))).toBe('INVALID_NAME');
    expect(await usage.customer(ADMIN, tenant.id, 'intake { received }')).toMatchObject({ intake: { received: 0 } });
  });

  it('is taken of a customer by its users and the operator, and nobody else', async () => {
    const tenant = newTenant();
    expect(await refusal(tenant, fileOf(tenant), ANYONE)).toBe('CREDENTIAL_REQUIRED');
    expect(await refusal(tenant, fileOf(tenant), newTenant().user)).toBe('CUSTOMER_NOT_FOUND');
    expect(await refusal(tenant, fileOf(tenant), tenant.instance)).toBe('NOT_FOR_INSTANCES');
    expect(await refusal(tenant, fileOf(tenant), ADMIN)).toBeUndefined();
  });

  it('of another key than the first is refused, until the operator forgets that, which is audited', async () => {
    const tenant = newTenant();
    const [first, second] = [newKey(), newKey()];
    await imported(tenant, fileOf(tenant, {}, first));
    expect(await refusal(tenant, fileOf(tenant, {}, second))).toBe('INSTANCE_KEY_CHANGED');
    await imported(tenant, fileOf(tenant, {}, first));
    const forget = { input: { customerId: tenant.id, instance: 'bunker' } };
    expect((await usage.run(tenant.user, FORGET, forget)).errors?.[0]?.extensions?.['reason']).toBe('ADMIN_ONLY');
    expect((await usage.run(ADMIN, FORGET, forget)).data).toEqual({ forgetInstanceKey: { forgotten: true } });
    expect((await usage.run(ADMIN, FORGET, forget)).data).toEqual({ forgetInstanceKey: { forgotten: false } });
    await imported(tenant, fileOf(tenant, {}, second));
    expect(await refusal(tenant, fileOf(tenant, {}, first))).toBe('INSTANCE_KEY_CHANGED');
    const audited = (await usage.published(tenant.id)).filter(({ name }) => name === 'usage.audited');
    expect(audited.map(({ payload }) => [payload['action'], payload['actor']])).toEqual([['instance_key.forgotten', 'admin:operator']]);
  });
});

describe('the receipt of a call', () => {
  it('names the reports that were sent, in their order: another call has another', async () => {
    const { instance } = newTenant();
    const report = async (ids: string[]): Promise<string> => {
      const sent = ids.map((reportId, index) => ({ ...reportEnding(new Date(clock.now().getTime() - (index + 1) * 60_000)), reportId }));
      const { data } = await usage.run(instance, 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { receipt } }', { input: { instance: 'plant-1', reports: sent } });
      return (data as { reportUsage: { receipt: string } }).reportUsage.receipt;
    };
    // printf 'a\nb\n' | sha256sum
    expect(await report(['a', 'b'])).toBe('911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2');
    expect(await report(['b', 'a'])).not.toBe(await report(['a', 'b']));
  });
});
