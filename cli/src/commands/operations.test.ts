import { afterAll, describe, expect, it } from 'vitest';
import { EXIT } from '../cli-error.ts';
import { CliUnderTest, pageOf } from '../terminal.testkit.ts';
import { newLines } from './deployment-log.ts';

const cli = new CliUnderTest();
afterAll(() => cli.close());

const meter = (cause: string | null) => ({ meter: 'DEVICES', reported: 9, sent: 9, pending: 0, stripe: cause === null ? 9 : 7, cause, explanation: cause === null ? null : 'Stripe has 7 of 9.' });
const reconciliation = (cause: string | null) => ({ customerId: 'cust_1', periodStart: '2026-11-01T00:00:00.000Z', balanced: cause === null, checkedAt: '2026-11-21T00:00:00.000Z', differsSince: cause === null ? null : '2026-11-20T00:00:00.000Z', meters: [meter(cause)] });

describe('stripe sync', () => {
  it.each([true, false])('tells what is, or would be, changed (dry run: %s)', async (dryRun) => {
    const answers = { SyncCatalogue: { syncCatalogue: { changes: [{ kind: 'PRICE', key: 'starter_monthly', action: 'REPLACED' }, { kind: 'METER', key: 'device_usage', action: 'KEPT' }] } } };
    const { stdout, asked, progress } = await cli.run(['stripe', 'sync', ...(dryRun ? ['--dry-run'] : [])], { answers });
    expect(asked[0]?.variables).toEqual({ input: { dryRun } });
    expect(stdout).toContain(`1 of 2 ${dryRun ? 'would be' : 'were'} created, replaced or updated.`);
    expect(stdout).toMatch(/^replaced │ price │ starter_monthly$/m);
    expect(progress).toEqual(['Asking Stripe', 'end']);
  });
});

describe('stripe reconcile', () => {
  it.each([
    [null, EXIT.ok],
    ['WAITING', EXIT.ok],
    ['NOT_AT_STRIPE', EXIT.ok],
    ['STRIPE_LOST', EXIT.failure],
    ['REJECTED', EXIT.failure],
  ])('with the cause %s ends with %i', async (cause, exitCode) => {
    const { code, stdout } = await cli.run(['stripe', 'reconcile', '--customer', 'cust_1'], { answers: { ReconcileCustomer: { reconciliation: reconciliation(cause) } } });
    expect(code).toBe(exitCode);
    expect(stdout).toMatch(cause === null ? /: balanced$/m : /DEVICES: Stripe has 7 of 9\.$/m);
  });

  it('of everybody shows who differs', async () => {
    const { code, stdout } = await cli.run(['stripe', 'reconcile'], { answers: { ListReconciliationDifferences: { reconciliationDifferences: pageOf([reconciliation('STRIPE_LOST')]) } } });
    expect(code).toBe(EXIT.failure);
    expect(stdout).toContain('cust_1, period from 2026-11-01 00:00:00 UTC: differs since 2026-11-20');
    expect((await cli.run(['stripe', 'reconcile'], { answers: { ListReconciliationDifferences: { reconciliationDifferences: pageOf([]) } } })).stdout).toBe('Stripe has what was reported, of every customer.\n');
  });

  it('repairs one customer when asked to, and only compares in a dry run', async () => {
    const answers = { RepairMetering: { repairMetering: { repaired: ['DEVICES'], reconciliation: reconciliation(null) } }, ReconcileCustomer: { reconciliation: reconciliation('STRIPE_LOST') } };
    const argv = ['stripe', 'reconcile', '--customer', 'cust_1', '--repair'];
    expect(await cli.run(argv, { answers })).toMatchObject({ code: 0, stdout: expect.stringContaining('Told anew: DEVICES.') as string });
    expect((await cli.run([...argv, '--dry-run'], { answers })).asked.map(({ operation }) => operation)).toEqual(['ReconcileCustomer']);
    expect((await cli.run(['stripe', 'reconcile', '--repair'])).code).toBe(EXIT.usage);
  });
});

describe('webhooks', () => {
  const event = (id: string) => ({ id, type: 'invoice.paid', status: 'FAILED', attempts: 3, error: 'it broke', customerId: null, receivedAt: '2026-11-21T00:00:00.000Z', handledAt: null });
  const answers = { ListWebhookEvents: { webhookEvents: pageOf([event('evt_1'), event('evt_2')]) }, ReplayWebhookEvent: ({ input }: { input: { id: string } }) => ({ replayWebhookEvent: { webhookEvent: { id: input.id, type: 'invoice.paid', status: 'RECEIVED', attempts: 3, error: null } } }) };

  it('are listed by status', async () => {
    const { stdout, asked } = await cli.run(['webhooks', 'list', '--status', 'failed'], { answers });
    expect(asked[0]?.variables).toMatchObject({ status: 'FAILED' });
    expect(stdout).toMatch(/^evt_1 │ invoice.paid │ FAILED │ +3 │ 2026-11-21 00:00:00 UTC │ - +│ it broke$/m);
  });

  it('are replayed one at a time, or all that failed when somebody says yes', async () => {
    expect((await cli.run(['webhooks', 'replay', 'evt_9', '--json'], { answers })).json).toMatchObject({ webhookEvents: [{ id: 'evt_9' }] });
    const all = await cli.run(['webhooks', 'replay', '--failed'], { answers, person: { confirms: true } });
    expect(all.questions).toEqual(['Replay 2 event(s) that failed?']);
    expect(all.progress).toEqual(['Replaying 2 event(s)', '1', '2', 'end']);
    for (const argv of [['webhooks', 'replay'], ['webhooks', 'replay', 'evt_1', '--failed'], ['webhooks', 'replay', '--failed']]) expect((await cli.run(argv, { answers })).code).toBe(EXIT.usage);
    expect((await cli.run(['webhooks', 'replay', '--failed', '--dry-run'], { answers })).asked.map(({ operation }) => operation)).toEqual(['ListWebhookEvents']);
  });
});

describe('deployments', () => {
  const deployment = (status: string, log: string[], changes: object = {}) => ({ id: 'depl_1', status, operation: 'DEPLOY', progress: 50, step: 'rollout', namespace: 'customer-1', url: null, attempts: 1, error: null, reason: null, createdAt: '2026-11-21T00:00:00.000Z', startedAt: null, finishedAt: null, customer: { id: 'cust_1' }, instance: { id: 'inst_1', name: 'us-east-1' }, log, ...changes });
  const failed = { error: 'Helm failed', reason: 'HELM_FAILED' };

  it('are listed, of all or of one customer', async () => {
    const { stdout } = await cli.run(['deployments', 'list'], { answers: { ListDeployments: { deployments: pageOf([deployment('RUNNING', [])]) } } });
    expect(stdout).toMatch(/^depl_1 │ us-east-1 │ cust_1 +│ RUNNING │ +50% │ rollout │/m);
    const ofOne = await cli.run(['deployments', 'list', '--customer', 'cust_1', '--status', 'failed'], { answers: { ListCustomerDeployments: { customer: { deployments: pageOf([]) } } } });
    expect(ofOne.asked[0]?.variables).toMatchObject({ id: 'cust_1', status: 'FAILED' });
  });

  it('are followed to their end, each line once', async () => {
    const answers = { ShowDeployment: { deployment: deployment('RUNNING', ['one', 'two']) }, WatchDeployments: [deployment('RUNNING', ['one', 'two']), deployment('RUNNING', ['other'], { id: 'depl_2' }), deployment('RUNNING', ['one', 'two', 'three']), deployment('FAILED', ['one', 'two', 'three', 'four'], failed), deployment('RUNNING', ['never'])].map((deploymentProgressed) => ({ deploymentProgressed })) };
    const { code, stdout, stderr } = await cli.run(['deployments', 'logs', '-f', 'depl_1'], { answers });
    expect(code).toBe(EXIT.failure);
    expect(stdout).toBe('      one\n      two\n 50%  three\n 50%  four\n');
    expect(stderr).toBe('The deployment failed: Helm failed (HELM_FAILED)\n');
  });

  it('that have ended are not waited for', async () => {
    const ran = await cli.run(['deployments', 'logs', '-f', 'depl_1'], { answers: { ShowDeployment: { deployment: deployment('SUCCEEDED', ['one']) } } });
    expect(ran).toMatchObject({ code: 0, asked: [{ operation: 'ShowDeployment' }] });
    expect((await cli.run(['deployments', 'logs', 'depl_1'], { answers: { ShowDeployment: { deployment: null } } })).code).toBe(EXIT.notFound);
  });

  it.each<[string[], string[], readonly string[]]>([
    [['a', 'b'], ['a', 'b', 'c'], ['c']],
    [['a', 'b', 'c'], ['b', 'c', 'd'], ['d']],
    [['a', 'b', 'c'], ['a', 'b'], []],
    [['a', 'a'], ['a', 'a', 'a'], ['a']],
    [[], ['a'], ['a']],
    [['a'], [], []],
    [['a'], ['x', 'y'], ['x', 'y']],
  ])('after %j a log of %j says %j', (before, now, expected) => {
    expect(newLines(before, now)).toEqual(expected);
  });

  it('are removed by their own id or by that of their instance, when somebody says yes', async () => {
    const answers = { ShowDeployment: { deployment: deployment('SUCCEEDED', []) }, RemoveInstance: { removeInstance: { instance: { id: 'inst_1', name: 'us-east-1', deployment: deployment('QUEUED', [], { operation: 'REMOVE' }) } } } };
    for (const id of ['depl_1', 'inst_1']) expect((await cli.run(['deployments', 'remove', id, '--yes'], { answers })).asked.at(-1)).toEqual({ operation: 'RemoveInstance', variables: { input: { id: 'inst_1' } } });
    expect((await cli.run(['deployments', 'remove', 'depl_1'], { answers })).code).toBe(EXIT.usage);
    expect((await cli.run(['deployments', 'remove', 'depl_1', '--dry-run'], { answers })).stdout).toBe('Would remove us-east-1 of cust_1, with its data and its API key.\n');
    expect((await cli.run(['deployments', 'remove', 'us-east-1', '--yes'], { answers })).code).toBe(EXIT.usage);
  });

  it('are retried and added', async () => {
    const { log: _log, ...queued } = deployment('QUEUED', []);
    const answers = { ShowDeployment: { deployment: deployment('FAILED', [], failed) }, RetryDeployment: { retryDeployment: { deployment: queued } }, CreateInstance: { createInstance: { instance: { id: 'inst_1', name: 'us-east-1', deployment: queued } } } };
    expect((await cli.run(['deployments', 'retry', 'depl_1', '--json'], { answers })).json).toEqual({ deployment: queued });
    expect((await cli.run(['deployments', 'retry', 'depl_1', '--dry-run'], { answers })).stdout).toMatch(/^Error: +Helm failed \(HELM_FAILED\)$/m);
    expect((await cli.run(['deployments', 'add', 'cust_1', 'us-east-1'], { answers })).asked[0]?.variables).toEqual({ input: { customerId: 'cust_1', name: 'us-east-1', deploy: true } });
  });
});

describe('queues list', () => {
  it('counts the jobs of each queue', async () => {
    const queueStats = [{ name: 'billing-events', waiting: 1, active: 2, completed: 3, failed: 4, delayed: 5 }];
    expect((await cli.run(['queues', 'list'], { answers: { ListQueues: { queueStats } } })).stdout).toMatch(/^billing-events │ +1 │ +2 │ +5 │ +4 │ +3$/m);
    expect((await cli.run(['queues', 'list', '--json'], { answers: { ListQueues: { queueStats } } })).json).toEqual({ queues: queueStats });
  });
});
