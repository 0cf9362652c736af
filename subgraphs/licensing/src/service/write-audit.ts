import type { Tx } from '@iotistic/chassis/database';
import { currentRequestId } from '@iotistic/chassis/log';
import { publish } from '@iotistic/chassis/outbox';
import { newId } from '@iotistic/contracts/ids';
import type { LicensingTables } from '../repository/tables.ts';

/** Who did what: told to customers, who keep the log, in the transaction that does it. */
export async function writeAudit(tx: Tx<LicensingTables>, entry: { customerId: string; actor: string; action: string; target: string; detail: string }, now: Date): Promise<void> {
  await publish(tx, 'licensing', 'licensing.audited', { ...entry, id: newId('audt'), requestId: currentRequestId() ?? newId('req'), at: now.toISOString() }, now);
}
