import { maySee } from '@iotistic/chassis/access';
import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { instanceId } from '@iotistic/contracts/ids';
import type { UsageApp } from '../app.ts';
import type { InstanceRow } from '../repository/instances.ts';
import type { ReportRow } from '../repository/reports.ts';

/** null for one that is not known here, and for another tenant's. */
export async function findInstance(app: Pick<UsageApp, 'loaders'>, caller: Caller, id: string): Promise<InstanceRow | null> {
  const instance = await app.loaders.instance.load(id);
  return instance !== null && maySee(caller, instance.customerId) ? instance : null;
}

/** null for one that is not known here, and for another tenant's. */
export async function findReport(app: Pick<UsageApp, 'loaders'>, caller: Caller, id: string): Promise<ReportRow | null> {
  const report = await app.loaders.report.load(id);
  return report !== null && maySee(caller, report.customerId) ? report : null;
}

/** @throws AppError NOT_FOUND INSTANCE_NOT_FOUND for one that was never heard of. */
export async function getInstance(app: Pick<UsageApp, 'loaders'>, id: string): Promise<InstanceRow> {
  const instance = await app.loaders.instance.load(id);
  if (instance === null) throw new AppError('NOT_FOUND', 'INSTANCE_NOT_FOUND');
  return instance;
}

/**
 * The id of the customer's instance of this name; null where no name is given, which means all of them.
 * @throws AppError NOT_FOUND INSTANCE_NOT_FOUND for one that was never heard of.
 */
export async function getInstanceFilter(app: Pick<UsageApp, 'loaders'>, customerId: string, name: string | null | undefined): Promise<string | null> {
  if (name === null || name === undefined) return null;
  return (await getInstance(app, instanceId(customerId, name))).id;
}
