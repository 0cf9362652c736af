import { publish } from '@iotistic/chassis/outbox';
import { type Caller, actorOf } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { instanceId } from '@iotistic/contracts/ids';
import type { CustomersApp } from '../app.ts';
import { parseInstanceName } from '../domain/name.ts';
import { type InstanceRow, insertInstance } from '../repository/instances.ts';
import { lockActiveCustomer } from './lock-customer-for-change.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

/**
 * Names an instance before it is first heard of.
 * @throws AppError CUSTOMER_NOT_FOUND, CUSTOMER_DEACTIVATED, INVALID_NAME, NAME_TAKEN (also by one that made itself known)
 */
export async function createInstance(app: Pick<CustomersApp, 'db' | 'clock'>, caller: Caller, input: { customerId: string; name: string }): Promise<InstanceRow> {
  const name = parseInstanceName(input.name);
  return app.db.transaction().execute(async (tx) => {
    const customer = await lockActiveCustomer(tx, input.customerId);
    const at = app.clock.now();
    const instance: InstanceRow = { id: instanceId(customer.id, name), customerId: customer.id, name, createdAt: at };
    if (!(await insertInstance(tx, instance))) throw new AppError('CONFLICT', 'NAME_TAKEN');
    await writeAuditEntry(tx, { customerId: customer.id, at, actor: actorOf(caller), action: 'instance.created', target: instance.id, detail: name });
    await publish(tx, 'customers', 'instance.registered', { customerId: customer.id, instanceId: instance.id, name, at: at.toISOString() }, at);
    return instance;
  });
}
