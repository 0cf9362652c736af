import { VERSION } from '@iotistic/contracts/version';
import { afterAll, describe, expect, it } from 'vitest';
import { CliError, EXIT } from './cli-error.ts';
import { CliUnderTest, NOW, pageOf, type RunOptions } from './terminal.testkit.ts';

const cli = new CliUnderTest();
afterAll(() => cli.close());

const READY = { status: 'ready', dependencies: { customers: 'ready', billing: 'ready', live: 'ready' } };

function serving(pages: { ready?: unknown; date?: Date; status?: number } = {}): typeof fetch {
  return (input) => {
    const path = new URL(input as string).pathname;
    const headers = { date: (pages.date ?? NOW).toUTCString() };
    return Promise.resolve(path === '/healthz' ? new Response('{}', { status: pages.status ?? 200, headers }) : new Response(JSON.stringify(pages.ready ?? READY), { headers }));
  };
}

const OVERVIEW = {
  byStatus: [{ status: 'ACTIVE', customers: 3 }],
  unpaidInvoices: 0,
  owed: [],
  disputes: { open: 0, needResponse: 0, respondBy: null },
  stripeFindings: 0,
  meteringDifferences: 0,
  pricingDifferences: 0,
  metering: { waiting: 2, late: 0 },
  mails: { waiting: 0, oldestCreatedAt: null, failed: 0, unknown: 0 },
  webhooks: { received: 0, failed: 0, oldestReceivedAt: null },
};
const billing = (changes: object = {}) => ({ billingOverview: { ...OVERVIEW, ...changes } });
const signing = (currentSince: string) => ({ signingKeys: [{ id: 'k', algorithm: 'RS256', status: 'CURRENT', createdAt: currentSince, currentSince, retiredAt: null, compromisedAt: null, publicKeyPem: '' }] });
const licensing = (changes: object = {}) => ({ licensingOverview: { endingSoon: 1, renewalsLate: 0, ...changes } });
const customer = (name: string, status = 'ACTIVE') => ({ id: `cust_${name}`, email: `${name}@example.com`, companyName: name, subscription: { status } });
const reporters = (...nodes: object[]) => ({ fleetUsage: pageOf(nodes) });
const anomalies = (...nodes: { kind: string; customer?: unknown; instance?: unknown }[]) => ({ usageAnomalies: pageOf(nodes.map((node) => ({ id: 'anom_1', meter: null, detail: 'x', raisedAt: NOW.toISOString(), resolvedAt: null, customer: customer('Acme'), instance: null, ...node }))) });
const queues = (failed: number) => ({ queueStats: [{ name: 'customer-deployments', waiting: 0, active: 0, completed: 5, failed, delayed: 0 }] });
const WELL = {
  PlaneVersion: { plane: { version: VERSION } },
  ExamineBilling: billing(),
  ExamineDeployments: { deployments: { totalCount: 0 } },
  ListUsageAnomalies: anomalies(),
  ExamineReporters: reporters({ lastReportedAt: '2026-11-21T11:00:00.000Z', customer: customer('Acme') }, { lastReportedAt: '2026-10-01T00:00:00.000Z', customer: customer('Gone', 'CANCELED') }, { lastReportedAt: null, customer: customer('New') }),
  ListQueues: queues(0),
  ExamineLicensing: licensing(),
  ListSigningKeys: signing('2026-06-01T00:00:00.000Z'),
};

/** The live operation is asked after the token: the second time the answer is what a socket brings. */
function answersOf(changes: object = {}): Record<string, unknown> {
  let asked = 0;
  const viewer = { viewer: { __typename: 'AdminViewer', name: 'operator' } };
  return { ...WELL, Viewer: () => ((asked += 1) === 1 ? viewer : [viewer]), ...changes };
}

async function doctor(options: RunOptions): Promise<{ code: number; results: Record<string, string>; details: Record<string, string> }> {
  const { code, json } = await cli.run(['doctor', '--json'], { fetch: serving(), answers: answersOf(), ...options });
  const { checks } = json as { checks: { name: string; result: string; detail: string }[] };
  return { code, results: Object.fromEntries(checks.map(({ name, result }) => [name, result])), details: Object.fromEntries(checks.map(({ name, detail }) => [name, detail])) };
}

describe('doctor', () => {
  it('finds all well', async () => {
    const { code, results } = await doctor({});
    expect(new Set(Object.values(results))).toEqual(new Set(['ok']));
    expect(Object.keys(results)).toEqual(['configuration', 'reachable', 'clock', 'service customers', 'service billing', 'service live', 'version', 'token', 'live connection', 'payments', 'disputes', 'webhooks', 'metering', 'reconciliation', 'prices', 'findings', 'mails', 'deployments', 'anomalies', 'silent instances', 'jobs', 'licenses', 'signing key']);
    expect(code).toBe(0);
    expect((await cli.run(['doctor'], { fetch: serving(), answers: answersOf() })).stdout).toContain('✔ All is well.');
  });

  it('names the proxy that leads to the plane, without its password, and one that is none', async () => {
    const environment = { IOTCTL_URL: 'https://plane.example', IOTCTL_TOKEN: 'x', HTTPS_PROXY: 'http://user:hunter2@corp:3128' };
    expect((await doctor({ environment })).details['proxy']).toBe('the plane is asked through http://corp:3128 (HTTPS_PROXY, with a user)');
    expect((await doctor({ environment: { ...environment, NO_PROXY: '.example' } })).details).not.toHaveProperty('proxy');
    const { results, details } = await doctor({ environment: { ...environment, HTTPS_PROXY: 'socks5://user:hunter2@corp' } });
    expect([results['proxy'], details['proxy']]).toEqual(['failed', 'HTTPS_PROXY: that is not the http or https address of a proxy; it is not used']);
  });

  it('goes by the plane\'s time where that was moved, and says so', async () => {
    const moved = { PlaneTime: { plane: { now: '2027-03-01T12:00:00.000Z' } }, ExamineReporters: reporters({ lastReportedAt: '2027-02-25T12:00:00.000Z', customer: customer('Acme') }), ListSigningKeys: signing('2026-02-01T00:00:00.000Z'), ExamineBilling: billing({ webhooks: { received: 1, failed: 0, oldestReceivedAt: '2027-03-01T11:40:00.000Z' } }) };
    const { results, details } = await doctor({ answers: answersOf(moved) });
    expect(results).toMatchObject({ clock: 'ok', time: 'ok', webhooks: 'failed', 'signing key': 'warning', 'silent instances': 'warning' });
    expect(details['time']).toContain('2027-03-01');
    expect(details['webhooks']).toContain('the oldest for 20 minutes');
    expect(details['silent instances']).toBe('all of Acme for 4 days');
  });

  it.each<[string, RunOptions, string, string, number]>([
    ['a clock that is minutes off', { fetch: serving({ date: new Date(NOW.getTime() - 120_000) }) }, 'clock', 'warning', EXIT.failure],
    ['a clock that is wrong', { fetch: serving({ date: new Date(NOW.getTime() + 3_600_000) }) }, 'clock', 'failed', EXIT.failure],
    ['a service that is down', { fetch: serving({ ready: { status: 'unavailable', dependencies: { billing: 'unavailable' } } }) }, 'service billing', 'failed', EXIT.unreachable],
    ['another server', { fetch: serving({ ready: 'hello' }) }, 'services', 'failed', EXIT.unreachable],
    ['a plane that answers no health', { fetch: serving({ status: 404 }) }, 'reachable', 'failed', EXIT.unreachable],
    ['webhooks that wait', { answers: answersOf({ ExamineBilling: billing({ webhooks: { received: 3, failed: 0, oldestReceivedAt: '2026-11-21T11:58:00.000Z' } }) }) }, 'webhooks', 'warning', EXIT.failure],
    ['webhooks that wait for long', { answers: answersOf({ ExamineBilling: billing({ webhooks: { received: 3, failed: 0, oldestReceivedAt: '2026-11-21T11:00:00.000Z' } }) }) }, 'webhooks', 'failed', EXIT.failure],
    ['webhooks that failed', { answers: answersOf({ ExamineBilling: billing({ webhooks: { received: 0, failed: 1, oldestReceivedAt: null } }) }) }, 'webhooks', 'warning', EXIT.failure],
    ['Stripe without what was reported', { answers: answersOf({ ExamineBilling: billing({ meteringDifferences: 2 }) }) }, 'reconciliation', 'failed', EXIT.failure],
    ['meters that are not sent', { answers: answersOf({ ExamineBilling: billing({ metering: { waiting: 9, late: 1 } }) }) }, 'metering', 'failed', EXIT.failure],
    ['a customer that is past due', { answers: answersOf({ ExamineBilling: billing({ byStatus: [{ status: 'PAST_DUE', customers: 1 }] }) }) }, 'payments', 'warning', EXIT.failure],
    ['an invoice that nobody paid', { answers: answersOf({ ExamineBilling: billing({ unpaidInvoices: 1 }) }) }, 'payments', 'warning', EXIT.failure],
    ['an invoice that no card pays any more', { answers: answersOf({ ExamineBilling: billing({ owed: [{ uncollectedInvoices: 1 }] }) }) }, 'payments', 'warning', EXIT.failure],
    ['a payment that a bank contests', { answers: answersOf({ ExamineBilling: billing({ disputes: { open: 2, needResponse: 1, respondBy: '2026-12-01T00:00:00.000Z' } }) }) }, 'disputes', 'warning', EXIT.failure],
    ['what others made at Stripe', { answers: answersOf({ ExamineBilling: billing({ stripeFindings: 3 }) }) }, 'findings', 'warning', EXIT.failure],
    ['mails that were given up', { answers: answersOf({ ExamineBilling: billing({ mails: { ...OVERVIEW.mails, failed: 1 } }) }) }, 'mails', 'warning', EXIT.failure],
    ['mails that wait for long', { answers: answersOf({ ExamineBilling: billing({ mails: { ...OVERVIEW.mails, waiting: 1, oldestCreatedAt: '2026-11-21T10:00:00.000Z' } }) }) }, 'mails', 'warning', EXIT.failure],
    ['a failed deployment', { answers: answersOf({ ExamineDeployments: { deployments: { totalCount: 1 } } }) }, 'deployments', 'warning', EXIT.failure],
    ['an open anomaly', { answers: answersOf({ ListUsageAnomalies: anomalies({ kind: 'ABOVE_TREND' }) }) }, 'anomalies', 'warning', EXIT.failure],
    ['an instance that fell silent', { answers: answersOf({ ListUsageAnomalies: anomalies({ kind: 'INSTANCE_SILENT', instance: { name: 'mill-2' } }) }) }, 'silent instances', 'warning', EXIT.failure],
    ['a customer of whom nothing comes', { answers: answersOf({ ExamineReporters: reporters({ lastReportedAt: '2026-11-19T11:00:00.000Z', customer: customer('Acme', 'PAST_DUE') }) }) }, 'silent instances', 'warning', EXIT.failure],
    ['a job that was given up', { answers: answersOf({ ListQueues: queues(2) }) }, 'jobs', 'warning', EXIT.failure],
    ['licenses that are not renewed', { answers: answersOf({ ExamineLicensing: licensing({ renewalsLate: 3 }) }) }, 'licenses', 'failed', EXIT.failure],
    ['a plane of another version', { answers: answersOf({ PlaneVersion: { plane: { version: '9.9.9' } } }) }, 'version', 'warning', EXIT.failure],
    ['a key that is overdue', { answers: answersOf({ ListSigningKeys: signing('2025-06-01T00:00:00.000Z') }) }, 'signing key', 'warning', EXIT.failure],
    ['no key at all', { answers: answersOf({ ListSigningKeys: { signingKeys: [] } }) }, 'signing key', 'failed', EXIT.failure],
    ["a customer's token", { answers: { PlaneVersion: WELL.PlaneVersion, Viewer: { viewer: { __typename: 'UserViewer' } } } }, 'token', 'failed', EXIT.notAllowed],
    ['no token', { environment: {}, answers: { PlaneVersion: WELL.PlaneVersion, Viewer: { viewer: null } } }, 'token', 'failed', EXIT.notAllowed],
    ['an address that is none', { environment: { IOTCTL_URL: 'plane.example' } }, 'configuration', 'failed', EXIT.usage],
  ])('tells of %s', async (_what, options, name, result, exitCode) => {
    const { code, results } = await doctor(options);
    expect(results[name]).toBe(result);
    expect(code).toBe(exitCode);
  });

  it('names what shows more of each thing, in words and for programs', async () => {
    const answers = answersOf({ ExamineDeployments: { deployments: { totalCount: 1 } } });
    const { stdout, code } = await cli.run(['doctor'], { fetch: serving(), answers });
    expect(stdout).toMatch(/^warning │ deployments +│ 1 failed: iotctl deployments list --status failed$/m);
    expect(stdout).toContain('0 failed, 1 to look at.');
    expect(code).toBe(EXIT.failure);
    const { json } = await cli.run(['doctor', '--json'], { fetch: serving(), answers: answersOf({ ExamineDeployments: { deployments: { totalCount: 1 } } }) });
    expect((json as { checks: { name: string }[] }).checks.find(({ name }) => name === 'deployments')).toEqual({ name: 'deployments', result: 'warning', detail: '1 failed', command: 'iotctl deployments list --status failed' });
  });

  it('sees the rest where one part is down', async () => {
    const down = (): never => {
      throw new CliError(EXIT.unreachable, 'It does not answer.', { code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' });
    };
    const { code, results } = await doctor({ answers: answersOf({ ExamineBilling: down, ExamineDeployments: { deployments: { totalCount: 1 } } }) });
    expect(results).toMatchObject({ payments: 'failed', deployments: 'warning', 'signing key': 'ok' });
    expect(code).toBe(EXIT.unreachable);
  });

  it('names a few of many silent instances, and counts the rest', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const { details } = await doctor({ answers: answersOf({ ListUsageAnomalies: anomalies(...names.map((name) => ({ kind: 'INSTANCE_SILENT', instance: { name } }))) }) });
    expect(details['silent instances']).toBe('a (Acme), b (Acme), c (Acme) and 2 more');
    expect(details['anomalies']).toBe('5 open (5 INSTANCE_SILENT)');
  });

  it('tells of a token that is not accepted, and does not look at what needs one', async () => {
    const { code, results } = await doctor({
      answers: {
        PlaneVersion: WELL.PlaneVersion,
        Viewer: () => {
          throw new CliError(EXIT.notAllowed, 'Not known.', { code: 'UNAUTHENTICATED', reason: 'INVALID_CREDENTIAL' });
        },
      },
    });
    expect(code).toBe(EXIT.notAllowed);
    expect(results).toMatchObject({ token: 'failed', webhooks: 'skipped', mails: 'skipped', 'silent instances': 'skipped', 'signing key': 'skipped' });
  });

  it('tells of a plane that is not there, and looks no further', async () => {
    const { code, results, details } = await doctor({ fetch: () => Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) })) });
    expect(code).toBe(EXIT.unreachable);
    expect(Object.keys(results)).toEqual(['configuration', 'reachable']);
    expect(details['reachable']).toContain('nothing listens there');
  });
});
