import type { Tx } from '@iotistic/chassis/database';
import { currentRequestId } from '@iotistic/chassis/log';
import { newId } from '@iotistic/contracts/ids';
import { type AuditRow, insertAuditEntry } from '../repository/audit-log.ts';
import type { CustomersTables } from '../repository/tables.ts';

/** Writes who did what, to what, in the transaction that does it. */
export async function writeAuditEntry(tx: Tx<CustomersTables>, entry: Pick<AuditRow, 'customerId' | 'at' | 'actor' | 'action' | 'target'> & { detail?: string }): Promise<void> {
  await insertAuditEntry(tx, { ...entry, id: newId('audt'), detail: entry.detail ?? null, requestId: currentRequestId() });
}
