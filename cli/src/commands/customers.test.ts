import { afterAll, describe, expect, it } from 'vitest';
import { CliError, EXIT } from '../cli-error.ts';
import { connectToPlane } from '../context.ts';
import { CliUnderTest, pageOf } from '../terminal.testkit.ts';

const cli = new CliUnderTest();
afterAll(() => cli.close());

const CUSTOMER = {
  id: 'cust_1',
  email: 'ada@example.com',
  fullName: 'Ada',
  companyName: 'Acme Corp',
  status: 'ACTIVE',
  createdAt: '2026-11-01T09:30:00.000Z',
  updatedAt: '2026-11-21T12:00:00.000Z',
  subscription: { id: 'subn_1', status: 'TRIALING', trialEndsAt: '2026-12-01T00:00:00.000Z', currentPeriodEndsAt: null, cancelAtPeriodEnd: false, plan: { key: 'TRIAL' }, entitlements: { limits: [{ key: 'maxDevices', value: 10 }] } },
  license: { id: 'lic_1', token: 'eyJ.license', status: 'ACTIVE', expiresAt: '2026-12-01T00:00:00.000Z' },
  apiKeys: [{ id: 'akey_1', name: 'k', prefix: 'iotk_abc', createdAt: '2026-11-01T09:30:00.000Z', lastUsedAt: null, revokedAt: null }],
  instances: pageOf([{ id: 'inst_1', name: 'us-east-1', lastReportedAt: '2026-11-21T11:00:00.000Z', latestUsage: { activeDevices: 8, totalDevices: 9 } }]),
  auditLog: pageOf([{ at: '2026-11-01T09:30:00.000Z', actor: 'admin:operator', action: 'customer.created', detail: null }]),
};
const QUOTED = { id: 'cust_1', email: 'ada@example.com', companyName: 'Acme Corp', subscription: { status: 'TRIALING', plan: { key: 'TRIAL' } }, planComparison: [{ plan: { key: 'TRIAL' }, basis: 'PROJECTED', fits: true, doesNotFit: [], total: { amount: 0, currency: 'USD' }, difference: { amount: 0, currency: 'USD' } }, { plan: { key: 'STARTER' }, basis: 'PROJECTED', fits: false, doesNotFit: [{ limit: 'maxDevices', allowed: 10, current: 25 }], total: { amount: 2900, currency: 'USD' }, difference: { amount: 2900, currency: 'USD' } }] };
const ANSWERS = { CreateCustomer: { createCustomer: { customer: CUSTOMER } }, ShowCustomer: { customer: CUSTOMER }, QuotePlans: { customer: QUOTED } };

describe('customers add', () => {
  it('prints the customer and its first license, as the documents do', async () => {
    const { code, stdout, asked } = await cli.run(['customers', 'add', '--email', 'ada@example.com', '--name', 'Ada', '--company', 'Acme Corp'], { answers: ANSWERS });
    expect(code).toBe(0);
    expect(asked).toEqual([{ operation: 'CreateCustomer', variables: { input: { email: 'ada@example.com', fullName: 'Ada', companyName: 'Acme Corp' } } }]);
    for (const line of [/^ID: +cust_1$/m, /^Company: +Acme Corp$/m, /^Created: +2026-11-01 09:30:00 UTC$/m, /^IOTISTIC_LICENSE_KEY=eyJ.license$/m, /^CUSTOMER_ID=cust_1$/m]) expect(stdout).toMatch(line);
  });

  it('says how to come by a license that is not there yet', async () => {
    const { stdout } = await cli.run(['customers', 'add', '--email', 'ada@example.com'], { answers: { CreateCustomer: { createCustomer: { customer: { ...CUSTOMER, license: null } } } } });
    expect(stdout).toContain('iotctl licenses show cust_1 --raw');
  });

  it('asks nothing in a dry run', async () => {
    expect(await cli.run(['customers', 'add', '--email', 'ada@example.com', '--dry-run', '--json'])).toMatchObject({ code: 0, asked: [], json: { dryRun: true, customer: { email: 'ada@example.com' } } });
  });
});

describe('customers show', () => {
  it('prints subscription, license, instances, keys and what was done', async () => {
    const { stdout } = await cli.run(['customers', 'show', 'cust_1'], { answers: ANSWERS });
    for (const line of [/^Device Limit: +10$/m, /^License: +ACTIVE, expires 2026-12-01/m, /^inst_1 │ us-east-1 │ +8 │ +9 │/m, /^k +│ iotk_abc/m, /admin:operator {2}customer.created$/m]) expect(stdout).toMatch(line);
    expect((await cli.run(['customers', 'show', 'cust_1', '--json'], { answers: ANSWERS })).json).toEqual({ customer: CUSTOMER });
  });
});

describe('while a part of the plane is down', () => {
  const gone = { message: 'A part of the graph did not answer; try again.', extensions: { code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE', requestId: 'req_7' } };
  const connect = (data: unknown, errors: object[]) => ({ fetch: () => Promise.resolve(new Response(JSON.stringify({ data, errors }), { headers: { 'content-type': 'application/json' } })), connect: connectToPlane });
  const listed = { customers: pageOf([{ ...CUSTOMER, subscription: null }]) };

  it('what the others know is printed, with a hyphen for the rest, what is missing is said, and the end is 6', async () => {
    const { code, stdout, stderr } = await cli.run(['customers', 'list'], connect(listed, [{ ...gone, path: ['customers', 'edges', 0, 'node', 'subscription'] }]));
    expect(stdout).toMatch(/^cust_1 │ ada@example.com │ Ada +│ Acme Corp │ - +│ -$/m);
    expect(stderr).toBe('Not everything is known: A part of the graph did not answer; try again. See iotctl doctor. (SUBGRAPH_UNAVAILABLE, request req_7)\n');
    expect(code).toBe(EXIT.unreachable);
    const shown = await cli.run(['customers', 'show', 'cust_1'], connect({ customer: { ...CUSTOMER, subscription: null, license: null } }, [gone]));
    for (const line of [/^Plan: +-$/m, /^Device Limit: +-$/m, /^License: +-$/m, /^inst_1 │/m]) expect(shown.stdout).toMatch(line);
    expect((await cli.run(['customers', 'list', '--json'], connect(listed, [gone]))).json).toMatchObject({ customers: [{ id: 'cust_1', subscription: null }] });
  });

  it('any other error is one', async () => {
    expect(await cli.run(['customers', 'list'], connect(listed, [{ message: 'No.', extensions: { code: 'FORBIDDEN', reason: 'ADMIN_ONLY' } }]))).toMatchObject({ code: EXIT.notAllowed, stdout: '' });
    expect(await cli.run(['customers', 'list'], connect(null, [gone]))).toMatchObject({ code: EXIT.unreachable, stdout: '' });
  });

  it('nothing is changed by what is not known', async () => {
    const answers = { ...ANSWERS, ShowCustomer: { customer: { ...CUSTOMER, subscription: null } }, QuotePlans: { customer: { ...QUOTED, subscription: null, planComparison: null } } };
    for (const command of [['deactivate', 'cust_1', '--reason', 'x', '--yes'], ['upgrade', 'cust_1', '--plan', 'starter', '--dry-run']]) {
      const ran = await cli.run(['customers', ...command], { answers });
      expect(ran).toMatchObject({ code: EXIT.unreachable, stdout: '' });
      expect(ran.asked).toHaveLength(1);
    }
  });
});

describe('customers upgrade', () => {
  const checkout = { CreateCheckoutSession: { createCheckoutSession: { sessionId: 'cs_1', url: 'https://checkout.example/cs_1' } } };
  const paying = {
    CreateCheckoutSession: () => {
      throw new CliError(EXIT.failure, 'It has one.', { code: 'CONFLICT', reason: 'SUBSCRIPTION_EXISTS' });
    },
    ChangePlan: { changePlan: { subscription: { id: 'subn_1', status: 'ACTIVE', currentPeriodEndsAt: null, plan: { key: 'STARTER' } } } },
  };

  it('opens a checkout for who pays for nothing yet, and asks nobody', async () => {
    const ran = await cli.run(['customers', 'upgrade', 'cust_1', '--plan', 'starter'], { answers: { ...ANSWERS, ...checkout } });
    expect(ran.stdout).toContain('Checkout URL:\nhttps://checkout.example/cs_1');
    expect(ran.asked.at(-1)?.variables).toMatchObject({ input: { plan: 'STARTER', successUrl: 'http://127.0.0.1:3100/' } });
  });

  it('changes the plan of who pays when somebody says yes, knowing the price', async () => {
    const yes = await cli.run(['customers', 'upgrade', 'cust_1', '--plan', 'starter', '--json'], { answers: { ...ANSWERS, ...paying }, person: { confirms: true } });
    expect(yes.questions).toEqual(["Change Acme Corp from TRIAL to STARTER now, $29.00 a month by what a month's usage will come to? It is charged at once. It does not fit (no: maxDevices 10, has 25)."]);
    expect(yes.json).toMatchObject({ from: 'TRIAL', subscription: { plan: { key: 'STARTER' } } });
    const no = await cli.run(['customers', 'upgrade', 'cust_1', '--plan', 'starter'], { answers: { ...ANSWERS, ...paying }, person: { confirms: false } });
    expect(no).toMatchObject({ code: EXIT.failure, stderr: 'Nothing was done.\n' });
    expect(no.asked.map(({ operation }) => operation)).not.toContain('ChangePlan');
  });

  it('of a contract needs no checkout', async () => {
    const { asked } = await cli.run(['customers', 'upgrade', 'cust_1', '--plan', 'enterprise', '--yes'], { answers: { ...ANSWERS, ...paying } });
    expect(asked.map(({ operation }) => operation)).toEqual(['QuotePlans', 'ChangePlan']);
  });

  it('forces a plan that does not fit only where that is asked for', async () => {
    const asked = async (...more: string[]): Promise<unknown> => (await cli.run(['customers', 'upgrade', 'cust_1', '--plan', 'starter', '--yes', ...more], { answers: { ...ANSWERS, ...paying } })).asked.slice(1).map(({ variables }) => (variables as { input: { force: boolean } }).input.force);
    expect(await asked()).toEqual([false, false]);
    expect(await asked('--force')).toEqual([true, true]);
  });

  it('tells in a dry run what the period would cost', async () => {
    const { asked, stdout } = await cli.run(['customers', 'upgrade', 'cust_1', '--plan', 'starter', '--dry-run'], { answers: ANSWERS });
    expect(stdout).toContain('$29.00 on STARTER');
    expect(asked).toHaveLength(1);
  });
});

describe('customers compare', () => {
  it('shows each plan, what it would cost by which usage, and what does not fit', async () => {
    const { asked, stdout } = await cli.run(['customers', 'compare', 'cust_1'], { answers: ANSWERS });
    expect(asked).toEqual([{ operation: 'QuotePlans', variables: { id: 'cust_1', basis: 'PROJECTED' } }]);
    for (const line of [/^Plans for Acme Corp, by what a month's usage will come to:$/m, /^TRIAL \(now\) +│ \$0.00 +│ \$0.00 +│ yes$/m, /^STARTER +│ \$29.00 +│ \$29.00 +│ no: maxDevices 10, has 25$/m]) expect(stdout).toMatch(line);
  });

  it('says where there is no last period to go by', async () => {
    const { asked, stdout, json } = await cli.run(['customers', 'compare', 'cust_1', '--basis', 'last-period'], { answers: ANSWERS });
    expect(asked[0]?.variables).toMatchObject({ basis: 'LAST_PERIOD' });
    expect(stdout).toContain('There is no last period yet.');
    expect(json).toBeNull();
  });
});

describe('customers deactivate', () => {
  it('does it when somebody says yes, who was told what it ends', async () => {
    const answers = { ...ANSWERS, DeactivateCustomer: { deactivateCustomer: { customer: { id: 'cust_1', status: 'DEACTIVATED', updatedAt: '2026-11-21T12:00:00.000Z' } } } };
    const ran = await cli.run(['customers', 'deactivate', 'cust_1', '--reason', 'unpaid'], { answers, person: { confirms: true } });
    expect(ran.questions[0]).toContain('Acme Corp (cust_1)');
    expect(ran.asked.at(-1)).toEqual({ operation: 'DeactivateCustomer', variables: { input: { id: 'cust_1', reason: 'unpaid' } } });
    expect(ran.stdout).toMatch(/^Deactivated At: +2026-11-21 12:00:00 UTC$/m);
    for (const argv of [['customers', 'deactivate', 'cust_1', '--reason', 'x'], ['customers', 'deactivate', 'cust_1', '--reason', 'x', '--dry-run']]) expect((await cli.run(argv, { answers })).asked).toHaveLength(1);
  });
});

describe('customers mails', () => {
  const preferences = { usageWarnings: true, usageAnomalies: true, deployments: false };
  const answers = { MailPreferences: { customer: { id: 'cust_1', mailPreferences: preferences } }, UpdateMailPreferences: { updateMailPreferences: { mailPreferences: { ...preferences, usageAnomalies: false, deployments: true } } } };

  it('shows which go', async () => {
    const { code, stdout, asked } = await cli.run(['customers', 'mails', 'cust_1'], { answers });
    expect(code).toBe(0);
    expect(stdout).toMatch(/usage-warnings: +sent/);
    expect(stdout).toMatch(/deployments: +stopped/);
    expect(asked.map(({ operation }) => operation)).toEqual(['MailPreferences']);
  });

  it('changes what is named and nothing else', async () => {
    const { code, json, asked } = await cli.run(['customers', 'mails', 'cust_1', '--stop', 'usage-anomalies', '--send', 'deployments', '--json'], { answers });
    expect(code).toBe(0);
    expect(asked[1]).toEqual({ operation: 'UpdateMailPreferences', variables: { input: { customerId: 'cust_1', usageAnomalies: false, deployments: true } } });
    expect(json).toEqual({ dryRun: false, mailPreferences: { usageWarnings: true, usageAnomalies: false, deployments: true } });
  });

  it('only says what would be, and refuses what contradicts itself', async () => {
    const dry = await cli.run(['customers', 'mails', 'cust_1', '--stop', 'usage-warnings', '--dry-run', '--json'], { answers });
    expect([dry.asked.length, dry.json]).toEqual([1, { dryRun: true, mailPreferences: { ...preferences, usageWarnings: false } }]);
    expect((await cli.run(['customers', 'mails', 'cust_1', '--stop', 'deployments', '--send', 'deployments'], { answers })).code).toBe(2);
  });
});
