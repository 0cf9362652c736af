import { DemoRefusal } from './demo-client.ts';
import { accountOf } from './demo-file.ts';
import { DEMO_FLEET, ROLLOUT } from './demo-fleet.ts';
import { DEMO_OPERATIONS } from './demo-operations.ts';
import { type DemoStage, until } from './demo-stage.ts';

interface DeploymentNow {
  id: string;
  status: string;
  instance: { id: string; name: string };
}

/** Queues an instance's deployment. One of that name was deployed by an earlier start. */
export async function deploy(stage: DemoStage, key: string, name: string): Promise<void> {
  try {
    await stage.operator.ask(DEMO_OPERATIONS.createInstance, { input: { customerId: accountOf(stage.state, key).customerId, name, deploy: true } });
  } catch (error) {
    if (!(error instanceof DemoRefusal) || error.reason !== 'NAME_TAKEN') throw error;
  }
}

/** Takes what is deployed away again, once it stands. */
export async function remove(stage: DemoStage, key: string, name: string): Promise<void> {
  const find = async (): Promise<DeploymentNow | undefined> => (await readDeployments(stage, key)).find(({ instance }) => instance.name === name);
  await until(stage, async () => ['REMOVED', 'SUCCEEDED'].includes((await find())?.status ?? ''), `${name} was not deployed`);
  const deployment = await find();
  if (deployment?.status === 'SUCCEEDED') await stage.operator.ask(DEMO_OPERATIONS.removeInstance, { input: { id: deployment.instance.id } });
}

/** Begins what is seen under way: new instances at the first start, what failed once more at a later one. */
export async function rollOut(stage: DemoStage, isFirst: boolean): Promise<void> {
  // The one that fails is tried three times, with pauses: a quick machine would be done before it.
  if (isFirst) await until(stage, async () => (await readAllDeployments(stage)).every(({ status }) => status !== 'QUEUED' && status !== 'RUNNING'), 'the first deployments did not end');
  const [first, ...others] = ROLLOUT;
  if (first !== undefined) {
    await deploy(stage, first.customer, first.instance);
    const hasBegun = async (): Promise<boolean> => (await readDeployments(stage, first.customer)).some(({ status, instance }) => instance.name === first.instance && status !== 'QUEUED');
    await until(stage, hasBegun, `${first.instance} was not begun`);
  }
  await Promise.all(others.map(({ customer, instance }) => deploy(stage, customer, instance)));
  if (isFirst) return;
  const failed = (await readAllDeployments(stage)).filter(({ status }) => status === 'FAILED');
  for (const { id } of failed) await stage.operator.ask(DEMO_OPERATIONS.retryDeployment, { input: { id } });
}

/** How many of the demo's deployments stand how, in words. */
export async function describeDeployments(stage: DemoStage): Promise<string> {
  const counts = new Map<string, number>();
  for (const { status } of await readAllDeployments(stage)) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([status, count]) => `${count} ${status}`).join(', ');
}

async function readAllDeployments(stage: DemoStage): Promise<DeploymentNow[]> {
  return (await Promise.all(DEMO_FLEET.map(({ key }) => readDeployments(stage, key)))).flat();
}

async function readDeployments(stage: DemoStage, key: string): Promise<DeploymentNow[]> {
  const { customer } = await stage.operator.ask<{ customer: { deployments: { edges: { node: DeploymentNow }[] } } }>(DEMO_OPERATIONS.deployments, { id: accountOf(stage.state, key).customerId });
  return customer.deployments.edges.map(({ node }) => node);
}
