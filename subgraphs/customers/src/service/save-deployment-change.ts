import { stripVTControlCharacters } from 'node:util';
import type { Tx } from '@iotistic/chassis/database';
import { publish } from '@iotistic/chassis/outbox';
import type { CustomersApp } from '../app.ts';
import type { Deployment } from '../domain/deployment.ts';
import { addLogLines, type LogLine } from '../repository/deployment-log.ts';
import { saveDeployment, type WorkTimes } from '../repository/deployment-work.ts';
import { findInstances } from '../repository/instances.ts';
import type { CustomersTables } from '../repository/tables.ts';

const MAX_LINE_CHARACTERS = 500;

/** Writes what a deployment became, with what there is to say of it; a change of its status is told to the others in the same transaction. */
export async function saveDeploymentChange(tx: Tx<CustomersTables>, app: Pick<CustomersApp, 'clock'>, change: { before: Deployment; after: Deployment; lines?: readonly LogLine[]; times?: WorkTimes }): Promise<Deployment> {
  const { before, after, lines = [], times = {} } = change;
  const saved = await saveDeployment(tx, after, times);
  await addLogLines(tx, saved.id, lines);
  if (before.status !== saved.status || before.run !== saved.run) await publishDeployment(tx, app, saved);
  return saved;
}

/** A line as it is kept. What a program says may have colours, tabs and bytes that PostgreSQL's text has not. */
export function lineNow(app: Pick<CustomersApp, 'clock'>, text: string): LogLine {
  return { at: app.clock.now(), line: stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, ' ').slice(0, MAX_LINE_CHARACTERS) };
}

export async function publishDeployment(tx: Tx<CustomersTables>, app: Pick<CustomersApp, 'clock'>, deployment: Deployment): Promise<void> {
  const [instance] = await findInstances(tx, [deployment.instanceId]);
  const at = app.clock.now();
  await publish(
    tx,
    'customers',
    'deployment.changed',
    {
      customerId: deployment.customerId,
      deploymentId: deployment.id,
      instanceId: deployment.instanceId,
      instanceName: instance?.name ?? '',
      operation: deployment.operation,
      status: deployment.status,
      run: deployment.run,
      reason: deployment.reason,
      error: deployment.error,
      at: at.toISOString(),
    },
    at,
  );
}

/** Tells who watches. What it became, they read. */
export function tellWatchers(app: Pick<CustomersApp, 'live'>, { customerId, id }: Pick<Deployment, 'customerId' | 'id'>): Promise<void> {
  return app.live.publish(`deployment:${customerId}`, id);
}
