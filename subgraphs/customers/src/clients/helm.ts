import { z } from 'zod';
import { DeploymentFailure } from '../domain/deployment-failure.ts';
import type { Cluster, ClusterTarget, StepRun } from './cluster.ts';
import { NOT_FOUND_EXIT_CODE, type ProgramEnd, runGuarded } from './guarded-program.ts';
import { CREDENTIALS_SECRET, namespaceManifest, secretManifest, valuesOf } from './manifests.ts';

/** What one command may say in a deployment's log. */
const MAX_LINES_TOLD = 100;
/** Helm ends by itself before the deadline that kills it, and says why. */
const HELM_TIMEOUT = '240s';
const AS_JSON = ['-o', 'json'] as const;

const namespaceSchema = z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }) });
const listSchema = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }), status: z.object({ phase: z.string().optional(), conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) }).default({ conditions: [] }) })) });
const releaseSchema = z.object({ version: z.number().int(), info: z.object({ status: z.string() }) });

/** Deploys with `helm` and `kubectl`, which take the cluster from their usual configuration. @param options.chart as helm takes it */
export function createHelmCluster(options: { chart: string }): Cluster {
  return new HelmCluster(options.chart);
}

class HelmCluster implements Cluster {
  readonly #chart: string;

  constructor(chart: string) {
    this.#chart = chart;
  }

  async ensureNamespace(target: ClusterTarget, run: StepRun): Promise<void> {
    if ((await ownership(target, run)) === 'none') {
      const made = await command('kubectl', ['create', '-f', '-'], run, { input: namespaceManifest(target), tell: true });
      // Somebody was quicker: then it is ours, or not.
      if (made.exitCode !== 0 && !made.lastLine.includes('AlreadyExists')) throw unreachable(made);
    }
    if ((await ownership(target, run)) === 'foreign') throw new DeploymentFailure('NAMESPACE_TAKEN', `The namespace ${target.namespace} exists in the cluster and is not of this instance.`);
  }

  /** Applied by the server, which keeps no second copy of the secret in an annotation. */
  async applySecret(target: ClusterTarget, { apiKey }: { apiKey: string }, run: StepRun): Promise<void> {
    const applied = await command('kubectl', ['apply', '--server-side', '--force-conflicts', '--field-manager=iotistic', '--namespace', target.namespace, '-f', '-'], run, { input: secretManifest(target, apiKey), tell: true });
    if (applied.exitCode !== 0) throw unreachable(applied);
  }

  async upgradeRelease(target: ClusterTarget, values: Parameters<Cluster['upgradeRelease']>[1], run: StepRun): Promise<void> {
    await this.#endPending(target, run);
    const upgraded = await command('helm', ['upgrade', target.instanceName, this.#chart, '--install', '--namespace', target.namespace, '--values', '-', '--timeout', HELM_TIMEOUT, '--history-max', '5'], run, { input: valuesOf(target, values), tell: true });
    if (upgraded.exitCode !== 0) throw helmFailed(upgraded);
  }

  async awaitRollout(target: ClusterTarget, run: StepRun): Promise<void> {
    for (const kind of ['statefulset', 'deployment']) {
      const rolledOut = await command('kubectl', ['rollout', 'status', kind, '--namespace', target.namespace, '--selector', selectorOf(target), '--timeout', HELM_TIMEOUT], run, { tell: true });
      if (rolledOut.exitCode !== 0) throw new DeploymentFailure('INSTANCE_UNHEALTHY', rolledOut.lastLine);
    }
  }

  async checkHealth(target: ClusterTarget, run: StepRun): Promise<void> {
    const { items } = await getList('pods', target, run, ['--selector', selectorOf(target)]);
    const pods = items.filter(({ status }) => status.phase !== 'Succeeded');
    const sick = pods.filter(({ status }) => !status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True'));
    if (pods.length === 0) throw new DeploymentFailure('INSTANCE_UNHEALTHY', 'The release has no pods.');
    if (sick.length > 0) throw new DeploymentFailure('INSTANCE_UNHEALTHY', `Not ready: ${sick.map(({ metadata }) => metadata.name).join(', ')}`);
    run.log(`all ${pods.length} pods are ready`);
  }

  async uninstallRelease(target: ClusterTarget, run: StepRun): Promise<void> {
    if ((await ownership(target, run)) !== 'ours') return run.log(`the namespace ${target.namespace} is not there, or not of this instance: nothing to uninstall`);
    const uninstalled = await command('helm', ['uninstall', target.instanceName, '--namespace', target.namespace, '--ignore-not-found', '--wait', '--timeout', HELM_TIMEOUT], run, { tell: true });
    if (uninstalled.exitCode !== 0) throw helmFailed(uninstalled);
    const deleted = await command('kubectl', ['delete', 'secret', CREDENTIALS_SECRET, '--namespace', target.namespace, '--ignore-not-found'], run, { tell: true });
    if (deleted.exitCode !== 0) throw unreachable(deleted);
  }

  async deleteNamespace(target: ClusterTarget, extent: 'MADE_BY_IT' | 'WITHOUT_VOLUMES', run: StepRun): Promise<void> {
    const labels = await labelsOf(target, run);
    if (labels?.['iotistic.com/instance-id'] !== target.instanceId) return;
    if (extent === 'MADE_BY_IT' && labels['iotistic.com/deployment-id'] !== target.deploymentId) return run.log(`the namespace ${target.namespace} was there before and stays`);
    if (extent === 'WITHOUT_VOLUMES') {
      const { items } = await getList('persistentvolumeclaims', target, run);
      if (items.length > 0) return run.log(`${items.length} volumes stay in the namespace ${target.namespace}; who deletes it deletes them`);
    }
    const deleted = await command('kubectl', ['delete', 'namespace', target.namespace, '--ignore-not-found', '--wait'], run, { tell: true });
    if (deleted.exitCode !== 0) throw unreachable(deleted);
  }

  /** A Helm that was killed leaves its release pending, which the next one does not touch. */
  async #endPending(target: ClusterTarget, run: StepRun): Promise<void> {
    const found = await command('helm', ['status', target.instanceName, '--namespace', target.namespace, ...AS_JSON], run);
    if (found.exitCode !== 0) return;
    const { version, info } = parse(releaseSchema, found);
    if (!info.status.startsWith('pending')) return;
    run.log(`the release is ${info.status}: whoever was at it ended in the middle`);
    const undo = version === 1 ? ['uninstall', target.instanceName, '--wait'] : ['rollback', target.instanceName, '--wait'];
    const undone = await command('helm', [...undo, '--namespace', target.namespace, '--timeout', HELM_TIMEOUT], run, { tell: true });
    if (undone.exitCode !== 0) throw helmFailed(undone);
  }
}

async function ownership(target: ClusterTarget, run: StepRun): Promise<'none' | 'ours' | 'foreign'> {
  const labels = await labelsOf(target, run);
  if (labels === null) return 'none';
  return labels['iotistic.com/instance-id'] === target.instanceId ? 'ours' : 'foreign';
}

/** Of its namespace; null when there is none. */
async function labelsOf(target: ClusterTarget, run: StepRun): Promise<Record<string, string> | null> {
  const found = await command('kubectl', ['get', 'namespace', target.namespace, '--ignore-not-found', ...AS_JSON], run);
  if (found.exitCode !== 0) throw unreachable(found);
  return found.stdout.trim() === '' ? null : parse(namespaceSchema, found).metadata.labels;
}

async function getList(kind: string, target: ClusterTarget, run: StepRun, selection: readonly string[] = []): Promise<z.infer<typeof listSchema>> {
  const found = await command('kubectl', ['get', kind, '--namespace', target.namespace, ...selection, ...AS_JSON], run);
  if (found.exitCode !== 0) throw unreachable(found);
  return parse(listSchema, found);
}

function selectorOf({ instanceName }: ClusterTarget): string {
  return `app.kubernetes.io/instance=${instanceName}`;
}

/** @throws DeploymentFailure HELM_NOT_FOUND, and the signal's reason */
async function command(program: 'helm' | 'kubectl', args: readonly string[], run: StepRun, { input, tell = false }: { input?: string; tell?: boolean } = {}): Promise<ProgramEnd> {
  let told = 0;
  const onLine = (line: string): void => {
    if (tell && line.trim() !== '' && (told += 1) <= MAX_LINES_TOLD) run.log(line);
  };
  const end = await runGuarded(program, args, { signal: run.signal, onLine, ...(input === undefined ? {} : { input }) });
  if (end.exitCode === NOT_FOUND_EXIT_CODE) throw new DeploymentFailure('HELM_NOT_FOUND', `${program} is not installed where the worker runs.`);
  return end;
}

function parse<T>(schema: z.ZodType<T>, { stdout }: ProgramEnd): T {
  try {
    return schema.parse(JSON.parse(stdout));
  } catch (cause) {
    throw new DeploymentFailure('CLUSTER_UNREACHABLE', 'helm or kubectl answered what is not understood.', { cause });
  }
}

function helmFailed({ lastLine }: ProgramEnd): DeploymentFailure {
  return new DeploymentFailure('HELM_FAILED', lastLine);
}

function unreachable({ lastLine }: ProgramEnd): DeploymentFailure {
  return new DeploymentFailure('CLUSTER_UNREACHABLE', lastLine);
}
