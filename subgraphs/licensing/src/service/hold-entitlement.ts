import type { Db, Tx } from '@iotistic/chassis/database';
import { whenHeardOf } from '@iotistic/chassis/heard-of';
import { AppError } from '@iotistic/contracts/errors';
import { findEntitlement, isDeactivated, lockCustomer, type StandingEntitlement } from '../repository/entitlements.ts';
import type { LicensingTables } from '../repository/tables.ts';

/** Before the transaction: a customer that was made this moment may not be heard of yet, and is waited for. */
export async function waitForEntitlement(db: Db<LicensingTables>, customerId: string): Promise<void> {
  await whenHeardOf(() => findEntitlement(db, customerId));
}

/**
 * What an operator is about to act on: nobody else issues or revokes for this customer until the transaction ends.
 * @throws AppError CUSTOMER_NOT_FOUND, CUSTOMER_DEACTIVATED
 */
export async function holdEntitlement(tx: Tx<LicensingTables>, customerId: string): Promise<StandingEntitlement> {
  await lockCustomer(tx, customerId);
  const entitlement = await findEntitlement(tx, customerId);
  if (entitlement === null) throw new AppError('NOT_FOUND', 'CUSTOMER_NOT_FOUND');
  if (await isDeactivated(tx, customerId)) throw new AppError('CONFLICT', 'CUSTOMER_DEACTIVATED');
  return entitlement;
}
