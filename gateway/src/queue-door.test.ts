import { createJobs, type Jobs } from '@iotistic/chassis/jobs';
import { createLog } from '@iotistic/chassis/log';
import { AppError } from '@iotistic/contracts/errors';
import { createTestClock, type TestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { startTestGateway, TEST_ADMIN_TOKEN, type TestGateway } from '@iotistic/testkit/gateway';
import { findRedis, type TestRedis } from '@iotistic/testkit/redis';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const log = createLog({ level: 'silent', name: 'queue-door' });
const redis: TestRedis | null = await findRedis();
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ template: 'queue_door', migrate: () => Promise.resolve() });
});
afterAll(async () => {
  await database.drop();
  await redis?.stop();
});

interface ShownQueue {
  name: string;
  counts: Record<string, number>;
  jobs: { id: string; name: string; progress: number; failedReason: string; isFailed: boolean }[];
}

describe.each([['PostgreSQL'], ...(redis === null ? [] : [['Redis']])])('the board of queues on %s', (kind) => {
  let jobs: Jobs;
  let gateway: TestGateway;
  let clock: TestClock;
  let isBroken = true;
  const done: string[] = [];

  beforeAll(async () => {
    clock = createTestClock();
    jobs = await createJobs({ databaseUrl: database.url, redisUrl: kind === 'Redis' ? redis?.url : undefined, log });
    gateway = await startTestGateway({ queues: jobs, clock });
    gateway.fake.issue('iotk_good', { state: 'ACTIVE', kind: 'API_KEY', customerId: 'cust_1' });
    gateway.fake.issue('iots_good', { state: 'ACTIVE', kind: 'SESSION', customerId: 'cust_1' });
    jobs.work('letters', ({ id }) => (isBroken ? Promise.reject(new Error('the ink ran out')) : Promise.resolve(void done.push(id))));
    jobs.work('idle', () => Promise.resolve());
    const queue = jobs.boardQueue('letters');
    await queue.add('letter', { to: 'Ada' }, { jobId: 'bad', attempts: 1 });
    await queue.add('letter', { to: 'Bob' }, { jobId: 'later', delay: 3_600_000 });
    await waitFor(async () => expect(await jobs.counts('letters')).toMatchObject({ failed: 1, delayed: 1 }));
  });
  afterAll(async () => {
    await gateway.stop();
    await jobs.close();
  });

  const ask = (path: string, init: RequestInit = {}, token: string | null = TEST_ADMIN_TOKEN): Promise<Response> =>
    fetch(`${gateway.url}/admin/queues${path}`, { redirect: 'manual', ...init, headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...(init.headers as Record<string, string>) } });
  const shown = async (status = ''): Promise<ShownQueue> => {
    const { queues } = (await (await ask(`/api/queues?activeQueue=letters&page=1&jobsPerPage=10${status === '' ? '' : `&status=${status}`}`)).json()) as { queues: ShownQueue[] };
    return queues.find(({ name }) => name === 'letters') as ShownQueue;
  };
  const logIn = (token: string, headers: Record<string, string> = {}): Promise<Response> => ask('/log-in', { method: 'POST', body: new URLSearchParams({ token }), headers }, null);
  const cookieOf = (response: Response): string => (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';

  it('shows every queue with its jobs of each state, also one that never had a job', async () => {
    await waitFor(async () => expect(await jobs.names()).toEqual(['idle', 'letters']));
    const { queues } = (await (await ask('/api/queues?page=1&jobsPerPage=10')).json()) as { queues: ShownQueue[] };
    expect(queues.map(({ name }) => name).toSorted()).toEqual(['idle', 'letters']);
    expect((await shown()).counts).toMatchObject({ waiting: 0, active: 0, failed: 1, delayed: 1 });
    expect((await shown('failed')).jobs).toMatchObject([{ id: 'bad', name: 'letter', failedReason: 'the ink ran out', isFailed: true }]);
  });

  it('shows what a job logged, and how far it came', async () => {
    const job = await jobs.boardQueue('letters').getJob('later');
    await job?.log('the envelope is addressed');
    await job?.updateProgress(40);
    expect(await (await ask('/api/queues/letters/later/logs')).json()).toEqual(['the envelope is addressed']);
    expect((await shown('delayed')).jobs).toMatchObject([{ id: 'later', progress: 40 }]);
  });

  it('runs a failed job again, and one that is delayed at once', async () => {
    isBroken = false;
    expect((await ask('/api/queues/letters/bad/retry', { method: 'PUT' })).status).toBeLessThan(300);
    expect((await ask('/api/queues/letters/later/promote', { method: 'PUT' })).status).toBeLessThan(300);
    await waitFor(() => expect(done.toSorted()).toEqual(['bad', 'later']));
    await waitFor(async () => expect((await shown()).counts).toMatchObject({ completed: 2, failed: 0, delayed: 0 }));
  });

  it('removes what is done', async () => {
    expect((await ask('/api/queues/letters/bad/clean', { method: 'PUT' })).status).toBeLessThan(300);
    await waitFor(async () => expect(await jobs.counts('letters')).toMatchObject({ completed: 1 }));
    // What ended within the last five seconds stays: Bull Board's own grace.
    expect((await ask('/api/queues/letters/clean/completed', { method: 'PUT' })).status).toBeLessThan(300);
  });

  it('lets nobody in but the operator', async () => {
    const page = await ask('', { headers: { accept: 'text/html' } }, null);
    expect(page.status).toBe(401);
    expect(await page.text()).toContain('<form method="post" action="/admin/queues/log-in">');
    for (const path of ['', '/api/queues', '/static/js/main.js', '/queue/letters']) {
      const refused = await ask(path, {}, null);
      expect([path, refused.status, await reasonOf(refused)]).toEqual([path, 401, 'CREDENTIAL_REQUIRED']);
    }
    for (const headers of [{ 'x-api-key': 'iotk_good' }, { authorization: 'Bearer iots_good' }] as Record<string, string>[]) {
      const customer = await ask('/api/queues', { headers }, null);
      expect([customer.status, await reasonOf(customer)]).toEqual([403, 'ADMIN_ONLY']);
    }
    expect((await ask('/api/queues', {}, 'no-such-token-at-all')).status).toBe(401);
  });

  it('a browser logs in with the admin token, for an hour, until it logs out', async () => {
    expect((await logIn('wrong-wrong-wrong-wrong')).status).toBe(401);
    for (const secret of ['iotk_good', 'iots_good']) expect((await logIn(secret)).status).toBe(403);
    const entered = await logIn(TEST_ADMIN_TOKEN, { origin: gateway.url, 'sec-fetch-site': 'same-origin' });
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/admin/queues']);
    expect(entered.headers.get('set-cookie')).toMatch(/^iotistic_queues=\d+\.[\w-]+; Max-Age=3600; Path=\/admin\/queues; HttpOnly; SameSite=Strict$/);
    expect((await logIn(TEST_ADMIN_TOKEN, { 'x-forwarded-proto': 'https' })).headers.get('set-cookie')).toMatch(/; Secure$/);
    const cookie = cookieOf(entered);
    const page = await ask('', { headers: { cookie } }, null);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    expect(page.headers.get('x-powered-by')).toBeNull();
    expect(await page.text()).not.toMatch(/(src|href)="https?:/);
    expect((await ask('/api/queues', { headers: { cookie: `${cookie}x` } }, null)).status).toBe(401);
    expect((await ask('/log-out', {}, null)).headers.get('set-cookie')).toContain('Max-Age=0');
    clock.advance({ minutes: 61 });
    expect((await ask('/api/queues', { headers: { cookie } }, null)).status).toBe(401);
  });

  it('a page of somebody else changes nothing with the cookie of a browser', async () => {
    const cookie = cookieOf(await logIn(TEST_ADMIN_TOKEN));
    const pause = (headers: Record<string, string>): Promise<Response> => ask('/api/queues/letters/pause', { method: 'PUT', headers: { cookie, ...headers } }, null);
    for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }, { origin: gateway.url, 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'cross-site' }]) {
      const refused = await pause(headers);
      expect([refused.status, await reasonOf(refused)]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    }
    expect((await logIn(TEST_ADMIN_TOKEN, { origin: 'https://evil.example' })).status).toBe(403);
    expect(await jobs.boardQueue('letters').isPaused()).toBe(false);
    expect((await pause({ origin: gateway.url, 'sec-fetch-site': 'same-origin' })).status).toBeLessThan(300);
    expect(await jobs.boardQueue('letters').isPaused()).toBe(true);
    await jobs.boardQueue('letters').resume();
  });
});

it('says that the queues are away, and the rest of the gateway goes on', async () => {
  const away = (): Promise<never> => Promise.reject(new AppError('UNAVAILABLE', 'QUEUES_UNAVAILABLE'));
  const gateway = await startTestGateway({ queues: { names: away, counts: away, boardQueue: () => expect.unreachable() } });
  const headers = { authorization: `Bearer ${TEST_ADMIN_TOKEN}` };
  const response = await fetch(`${gateway.url}/admin/queues/api/queues`, { headers });
  expect(response.status).toBe(503);
  expect(await reasonOf(response)).toBe('QUEUES_UNAVAILABLE');
  expect((await fetch(`${gateway.url}/admin/queues`, { headers })).status).toBe(200);
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  await gateway.stop();
});

async function reasonOf(response: Response): Promise<unknown> {
  const { errors } = (await response.json()) as { errors?: { extensions?: { reason?: string } }[] };
  return errors?.[0]?.extensions?.reason;
}
