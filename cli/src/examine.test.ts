import { afterAll, describe, expect, it } from 'vitest';
import { CliError, EXIT } from './cli-error.ts';
import { CliUnderTest, NOW, type RunOptions } from './terminal.testkit.ts';

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

const billing = (changes: object = {}) => ({ billingOverview: { meteringDifferences: 0, pricingDifferences: 0, webhooks: { received: 0, failed: 0, oldestReceivedAt: null }, ...changes } });
const signing = (currentSince: string) => ({ signingKeys: [{ id: 'k', algorithm: 'RS256', status: 'CURRENT', createdAt: currentSince, currentSince, retiredAt: null, compromisedAt: null, publicKeyPem: '' }] });
const WELL = { ExamineBilling: billing(), ListSigningKeys: signing('2026-06-01T00:00:00.000Z') };

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
    expect(Object.keys(results)).toEqual(['configuration', 'reachable', 'clock', 'service customers', 'service billing', 'service live', 'token', 'live connection', 'webhooks', 'metering', 'prices', 'signing key']);
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
    const moved = { PlaneTime: { plane: { now: '2027-03-01T12:00:00.000Z' } }, ListSigningKeys: signing('2026-02-01T00:00:00.000Z'), ExamineBilling: billing({ webhooks: { received: 1, failed: 0, oldestReceivedAt: '2027-03-01T11:40:00.000Z' } }) };
    const { results, details } = await doctor({ answers: answersOf(moved) });
    expect(results).toMatchObject({ clock: 'ok', time: 'ok', webhooks: 'failed', 'signing key': 'warning' });
    expect(details['time']).toContain('2027-03-01');
    expect(details['webhooks']).toContain('the oldest for 1200 s');
  });

  it.each<[string, RunOptions, string, string, number]>([
    ['a clock that is minutes off', { fetch: serving({ date: new Date(NOW.getTime() - 120_000) }) }, 'clock', 'warning', EXIT.ok],
    ['a clock that is wrong', { fetch: serving({ date: new Date(NOW.getTime() + 3_600_000) }) }, 'clock', 'failed', EXIT.failure],
    ['a service that is down', { fetch: serving({ ready: { status: 'unavailable', dependencies: { billing: 'unavailable' } } }) }, 'service billing', 'failed', EXIT.unreachable],
    ['another server', { fetch: serving({ ready: 'hello' }) }, 'services', 'failed', EXIT.unreachable],
    ['a plane that answers no health', { fetch: serving({ status: 404 }) }, 'reachable', 'failed', EXIT.unreachable],
    ['webhooks that wait', { answers: answersOf({ ExamineBilling: billing({ webhooks: { received: 3, failed: 0, oldestReceivedAt: '2026-11-21T11:58:00.000Z' } }) }) }, 'webhooks', 'warning', EXIT.ok],
    ['webhooks that wait for long', { answers: answersOf({ ExamineBilling: billing({ webhooks: { received: 3, failed: 0, oldestReceivedAt: '2026-11-21T11:00:00.000Z' } }) }) }, 'webhooks', 'failed', EXIT.failure],
    ['webhooks that failed', { answers: answersOf({ ExamineBilling: billing({ webhooks: { received: 0, failed: 1, oldestReceivedAt: null } }) }) }, 'webhooks', 'warning', EXIT.ok],
    ['Stripe without what was reported', { answers: answersOf({ ExamineBilling: billing({ meteringDifferences: 2 }) }) }, 'metering', 'failed', EXIT.failure],
    ['a key that is overdue', { answers: answersOf({ ListSigningKeys: signing('2025-06-01T00:00:00.000Z') }) }, 'signing key', 'warning', EXIT.ok],
    ['no key at all', { answers: answersOf({ ListSigningKeys: { signingKeys: [] } }) }, 'signing key', 'failed', EXIT.failure],
    ["a customer's token", { answers: { Viewer: { viewer: { __typename: 'UserViewer' } } } }, 'token', 'failed', EXIT.notAllowed],
    ['no token', { environment: {}, answers: { Viewer: { viewer: null } } }, 'token', 'failed', EXIT.notAllowed],
    ['an address that is none', { environment: { IOTCTL_URL: 'plane.example' } }, 'configuration', 'failed', EXIT.usage],
  ])('tells of %s', async (_what, options, name, result, exitCode) => {
    const { code, results } = await doctor(options);
    expect(results[name]).toBe(result);
    expect(code).toBe(exitCode);
  });

  it('tells of a token that is not accepted, and does not look at what needs one', async () => {
    const { code, results } = await doctor({
      answers: {
        Viewer: () => {
          throw new CliError(EXIT.notAllowed, 'Not known.', { code: 'UNAUTHENTICATED', reason: 'INVALID_CREDENTIAL' });
        },
      },
    });
    expect(code).toBe(EXIT.notAllowed);
    expect(results).toMatchObject({ token: 'failed', webhooks: 'skipped', 'signing key': 'skipped' });
  });

  it('tells of a plane that is not there, and looks no further', async () => {
    const { code, results, details } = await doctor({ fetch: () => Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) })) });
    expect(code).toBe(EXIT.unreachable);
    expect(Object.keys(results)).toEqual(['configuration', 'reachable']);
    expect(details['reachable']).toContain('nothing listens there');
  });
});
