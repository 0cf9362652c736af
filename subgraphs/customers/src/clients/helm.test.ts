import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster, ClusterTarget, StepRun } from './cluster.ts';
import { createHelmCluster } from './helm.ts';

/** Says what it is told to say, and writes down how it was called. With `hang` it starts a process of its own and never ends. */
const FAKE = `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { basename } = require('node:path');
const folder = process.env.FAKE_CLUSTER;
const args = process.argv.slice(2);
const line = basename(process.argv[1]) + ' ' + args.join(' ');
const input = args.includes('-') ? readFileSync(0, 'utf8') : '';
appendFileSync(folder + '/calls.jsonl', JSON.stringify({ line, input, secretsSeen: Object.keys(process.env).filter((name) => name === 'DATABASE_URL') }) + '\\n');
const answers = JSON.parse(readFileSync(folder + '/answers.json', 'utf8'));
const index = answers.findIndex(({ when }) => line.startsWith(when));
const [answer = {}] = index < 0 ? [] : answers[index].once ? answers.splice(index, 1) : [answers[index]];
writeFileSync(folder + '/answers.json', JSON.stringify(answers));
if (answer.stdout) process.stdout.write(answer.stdout);
if (answer.stderr) process.stderr.write(answer.stderr);
if (answer.flood) for (let i = 0; i < answer.flood; i += 1) process.stdout.write('x'.repeat(1000) + '\\n');
if (answer.hang) {
  const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  process.on('SIGTERM', () => {});
  writeFileSync(folder + '/hanging.json', JSON.stringify([process.pid, child.pid]));
  setInterval(() => {}, 1000);
} else process.exitCode = answer.exit ?? 0;
`;

interface Answer {
  when: string;
  stdout?: string;
  stderr?: string;
  exit?: number;
  hang?: true;
  once?: true;
  flood?: number;
}

const folder = mkdtempSync(join(tmpdir(), 'iotistic-helm-'));
const path = process.env['PATH'] ?? '';
const target: ClusterTarget = { deploymentId: 'depl_1', customerId: 'cust_1', instanceId: 'inst_1', instanceName: 'prod', namespace: 'customer-1-prod' };
const OURS = { 'iotistic.com/instance-id': 'inst_1', 'iotistic.com/deployment-id': 'depl_1' };
const namespace = (labels: Record<string, string>): Answer => ({ when: 'kubectl get namespace', stdout: JSON.stringify({ metadata: { labels } }) });
let cluster: Cluster;
let said: string[];
let run: StepRun;

beforeAll(() => {
  for (const program of ['helm', 'kubectl']) writeFileSync(join(folder, program), FAKE, { mode: 0o755 });
  process.env['FAKE_CLUSTER'] = folder;
  process.env['DATABASE_URL'] = 'postgres://secret';
});
beforeEach(() => {
  process.env['PATH'] = `${folder}${delimiter}${path}`;
  rmSync(join(folder, 'calls.jsonl'), { force: true });
  rmSync(join(folder, 'hanging.json'), { force: true });
  answers();
  cluster = createHelmCluster({ chart: '/charts/customer-instance' });
  said = [];
  run = { signal: new AbortController().signal, log: (line) => said.push(line) };
});
afterAll(() => {
  process.env['PATH'] = path;
  delete process.env['FAKE_CLUSTER'];
  delete process.env['DATABASE_URL'];
  rmSync(folder, { recursive: true, force: true });
});

function answers(...given: Answer[]): void {
  writeFileSync(join(folder, 'answers.json'), JSON.stringify([...given, { when: 'helm status', exit: 1, stderr: 'Error: release: not found\n' }]));
}
function calls(): { line: string; input: string; secretsSeen: string[] }[] {
  const file = join(folder, 'calls.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map((text) => JSON.parse(text) as { line: string; input: string; secretsSeen: string[] }) : [];
}
const lines = (): string[] => calls().map(({ line }) => line);
const failure = (asking: Promise<unknown>): Promise<{ reason?: string; message?: string }> => asking.then(() => ({}), (error: { reason?: string; message?: string }) => ({ ...(error.reason === undefined ? {} : { reason: error.reason }), message: error.message ?? '' }));
const VALUES = { plan: 'professional', host: 'prod-1.example.com', controlPlaneUrl: 'https://plane.example.com' };

describe('an installation', () => {
  it('gives values by standard input, and the key in a Secret by standard input, and neither in any argument', async () => {
    answers({ when: 'kubectl get namespace', once: true }, namespace(OURS), { when: 'helm upgrade', stdout: 'Release "prod" does not exist. Installing it now.\nNOTES\n' });
    await cluster.ensureNamespace(target, run);
    await cluster.applySecret(target, { apiKey: 'iotk_very-secret' }, run);
    await cluster.upgradeRelease(target, VALUES, run);
    await cluster.awaitRollout(target, run);
    expect(lines()).toEqual([
      'kubectl get namespace customer-1-prod --ignore-not-found -o json',
      'kubectl create -f -',
      'kubectl get namespace customer-1-prod --ignore-not-found -o json',
      'kubectl apply --server-side --force-conflicts --field-manager=iotistic --namespace customer-1-prod -f -',
      'helm status prod --namespace customer-1-prod -o json',
      'helm upgrade prod /charts/customer-instance --install --namespace customer-1-prod --values - --timeout 240s --history-max 5',
      'kubectl rollout status statefulset --namespace customer-1-prod --selector app.kubernetes.io/instance=prod --timeout 240s',
      'kubectl rollout status deployment --namespace customer-1-prod --selector app.kubernetes.io/instance=prod --timeout 240s',
    ]);
    const inputs = calls().map(({ input }) => (input === '' ? null : (JSON.parse(input) as unknown)));
    expect(inputs[1]).toMatchObject({ kind: 'Namespace', metadata: { name: 'customer-1-prod', labels: { ...OURS, 'iotistic.com/customer-id': 'cust_1' } } });
    expect(inputs[3]).toMatchObject({ kind: 'Secret', metadata: { name: 'iotistic-credentials', namespace: 'customer-1-prod' }, stringData: { 'api-key': 'iotk_very-secret' } });
    expect(inputs[5]).toEqual({ customer: { id: 'cust_1' }, instance: { name: 'prod' }, controlPlane: { url: 'https://plane.example.com' }, existingSecret: 'iotistic-credentials', ingress: { host: 'prod-1.example.com' }, plan: 'professional' });
    expect(`${lines().join(' ')} ${said.join(' ')}`).not.toContain('iotk_');
    expect(calls().flatMap(({ secretsSeen }) => secretsSeen)).toEqual([]);
    expect(said).toContain('Release "prod" does not exist. Installing it now.');
  });

  it('leaves the size to the chart for a plan that it does not know', async () => {
    await cluster.upgradeRelease(target, { ...VALUES, plan: 'unknown' }, run);
    expect(JSON.parse(calls().at(-1)?.input ?? '')).not.toHaveProperty('plan');
  });

  it.each([
    [1, 'helm uninstall prod --wait'],
    [3, 'helm rollback prod --wait'],
  ])('that another left pending at revision %i is undone first', async (version, undo) => {
    answers({ when: 'helm status', stdout: JSON.stringify({ version, info: { status: 'pending-upgrade' } }) });
    await cluster.upgradeRelease(target, VALUES, run);
    expect(lines().map((line) => line.split(' --namespace')[0])).toEqual(['helm status prod', undo, 'helm upgrade prod /charts/customer-instance --install']);
  });

  it('finds a namespace that is another instance’s, or nobody’s of ours, taken', async () => {
    for (const labels of [{}, { ...OURS, 'iotistic.com/instance-id': 'inst_2' }]) {
      answers(namespace(labels as Record<string, string>));
      expect((await failure(cluster.ensureNamespace(target, run))).reason).toBe('NAMESPACE_TAKEN');
    }
    expect(lines().filter((line) => !line.startsWith('kubectl get'))).toEqual([]);
  });

  it('goes on where somebody made the same namespace a moment before', async () => {
    answers({ when: 'kubectl get namespace', once: true }, { when: 'kubectl create', exit: 1, stderr: 'Error from server (AlreadyExists): namespaces "x" already exists\n' }, namespace(OURS));
    expect(await failure(cluster.ensureNamespace(target, run))).toEqual({});
  });
});

describe('what goes wrong', () => {
  it('is told in the last line that was said', async () => {
    answers({ when: 'helm upgrade', exit: 1, stderr: 'walk.go: warning\nError: UPGRADE FAILED: timed out\n\n' });
    expect(await failure(cluster.upgradeRelease(target, VALUES, run))).toEqual({ reason: 'HELM_FAILED', message: 'Error: UPGRADE FAILED: timed out' });
    answers({ when: 'kubectl get namespace', exit: 1, stderr: 'The connection to the server was refused\n' });
    expect(await failure(cluster.ensureNamespace(target, run))).toEqual({ reason: 'CLUSTER_UNREACHABLE', message: 'The connection to the server was refused' });
    answers({ when: 'kubectl rollout status deployment', exit: 1, stderr: 'error: deployment "api" exceeded its progress deadline\n' });
    expect(await failure(cluster.awaitRollout(target, run))).toEqual({ reason: 'INSTANCE_UNHEALTHY', message: 'error: deployment "api" exceeded its progress deadline' });
    answers({ when: 'kubectl get namespace', stdout: 'not json' });
    expect((await failure(cluster.ensureNamespace(target, run))).reason).toBe('CLUSTER_UNREACHABLE');
  });

  it('is a program that is not there', async () => {
    process.env['PATH'] = join(folder, 'nowhere');
    expect(await failure(cluster.upgradeRelease(target, VALUES, run))).toEqual({ reason: 'HELM_NOT_FOUND', message: 'helm is not installed where the worker runs.' });
    expect(await failure(cluster.ensureNamespace(target, run))).toEqual({ reason: 'HELM_NOT_FOUND', message: 'kubectl is not installed where the worker runs.' });
  });

  it('is a program that hangs: it is killed with all that it started', async () => {
    answers({ when: 'helm upgrade', hang: true });
    const abort = new AbortController();
    const asking = failure(cluster.upgradeRelease(target, VALUES, { ...run, signal: abort.signal }));
    await waitFor(() => expect(existsSync(join(folder, 'hanging.json'))).toBe(true));
    const pids = JSON.parse(readFileSync(join(folder, 'hanging.json'), 'utf8')) as number[];
    for (const pid of pids) expect(isAlive(pid)).toBe(true);
    abort.abort(Object.assign(new Error('too late'), { reason: 'DEPLOYMENT_TIMED_OUT' }));
    expect(await asking).toMatchObject({ reason: 'DEPLOYMENT_TIMED_OUT' });
    await waitFor(() => expect(pids.filter(isAlive)).toEqual([]));
  });

  it('is a worker that is killed: what it started ends with it', async () => {
    answers({ when: 'helm upgrade', hang: true });
    const program = `import('${join(import.meta.dirname, 'guarded-program.ts')}').then(({ runGuarded }) => runGuarded('helm', ['upgrade'], { signal: new AbortController().signal }))`;
    const worker = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { stdio: 'ignore' });
    await waitFor(() => expect(existsSync(join(folder, 'hanging.json'))).toBe(true));
    const pids = JSON.parse(readFileSync(join(folder, 'hanging.json'), 'utf8')) as number[];
    worker.kill('SIGKILL');
    await waitFor(() => expect(pids.filter(isAlive)).toEqual([]));
  }, 60_000);

  it('is a pod that is not ready, or none at all', async () => {
    const pod = (name: string, ready: string, phase = 'Running'): object => ({ metadata: { name }, status: { phase, conditions: [{ type: 'Ready', status: ready }] } });
    const pods = (...items: object[]): Answer => ({ when: 'kubectl get pods', stdout: JSON.stringify({ items }) });
    answers(pods(pod('api', 'True'), pod('db', 'False'), pod('job', 'False', 'Succeeded')));
    expect(await failure(cluster.checkHealth(target, run))).toEqual({ reason: 'INSTANCE_UNHEALTHY', message: 'Not ready: db' });
    answers(pods());
    expect((await failure(cluster.checkHealth(target, run))).reason).toBe('INSTANCE_UNHEALTHY');
    answers(pods(pod('api', 'True'), pod('job', 'False', 'Succeeded')));
    expect(await failure(cluster.checkHealth(target, run))).toEqual({});
  });

  it('is a program that does not stop talking: what is kept of it is bounded', async () => {
    answers({ when: 'helm upgrade', flood: 20_000, exit: 1 });
    expect((await failure(cluster.upgradeRelease(target, VALUES, run))).reason).toBe('HELM_FAILED');
    expect(said.length).toBeLessThanOrEqual(100);
  });
});

describe('a removal', () => {
  it('takes release, key and an empty namespace, and leaves one that has volumes', async () => {
    answers(namespace(OURS), { when: 'kubectl get persistentvolumeclaims', stdout: '{"items":[]}' });
    await cluster.uninstallRelease(target, run);
    await cluster.deleteNamespace(target, 'WITHOUT_VOLUMES', run);
    expect(lines()).toContain('helm uninstall prod --namespace customer-1-prod --ignore-not-found --wait --timeout 240s');
    expect(lines()).toContain('kubectl delete secret iotistic-credentials --namespace customer-1-prod --ignore-not-found');
    expect(lines()).toContain('kubectl delete namespace customer-1-prod --ignore-not-found --wait');
    answers(namespace(OURS), { when: 'kubectl get persistentvolumeclaims', stdout: '{"items":[{"metadata":{"name":"data"}}]}' });
    rmSync(join(folder, 'calls.jsonl'));
    await cluster.deleteNamespace(target, 'WITHOUT_VOLUMES', run);
    expect(lines().join('\n')).not.toContain('delete namespace');
    expect(said.at(-1)).toContain('1 volumes stay');
  });

  it('after a first failure takes the namespace only where this deployment made it', async () => {
    answers(namespace({ ...OURS, 'iotistic.com/deployment-id': 'depl_0' }));
    await cluster.deleteNamespace(target, 'MADE_BY_IT', run);
    expect(lines().join('\n')).not.toContain('delete');
    answers(namespace(OURS));
    await cluster.deleteNamespace(target, 'MADE_BY_IT', run);
    expect(lines().at(-1)).toBe('kubectl delete namespace customer-1-prod --ignore-not-found --wait');
  });

  it('touches nothing of another', async () => {
    answers(namespace({ 'iotistic.com/instance-id': 'inst_2' }));
    await cluster.uninstallRelease(target, run);
    await cluster.deleteNamespace(target, 'MADE_BY_IT', run);
    expect(lines().every((line) => line.startsWith('kubectl get namespace'))).toBe(true);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that ended and that nobody has looked after yet is no more.
    return !/^State:\s+Z/m.test(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '');
  } catch {
    return false;
  }
}
