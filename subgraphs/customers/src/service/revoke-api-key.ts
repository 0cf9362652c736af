import { maySee } from '@iotistic/chassis/access';
import { type Caller, actorOf } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { isId } from '@iotistic/contracts/ids';
import type { CustomersApp } from '../app.ts';
import { type ApiKeyRow, findApiKey, revokeKey } from '../repository/api-keys.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

/**
 * Revokes the key, everywhere and at once. A second time changes nothing and answers the same.
 * @throws AppError API_KEY_NOT_FOUND, also for another account's key
 */
export async function revokeApiKey(app: Pick<CustomersApp, 'db' | 'clock' | 'live'>, caller: Caller, input: { id: string }): Promise<ApiKeyRow> {
  const known = await findVisibleKey(app, caller, input.id);
  if (known.revokedAt !== null) return known;
  const at = app.clock.now();
  const secretSha256 = await app.db.transaction().execute(async (tx) => {
    const revoked = await revokeKey(tx, known.id, at);
    if (revoked !== undefined) await writeAuditEntry(tx, { customerId: known.customerId, at, actor: actorOf(caller), action: 'api_key.revoked', target: known.id, detail: known.name });
    return revoked;
  });
  if (secretSha256 === undefined) return findVisibleKey(app, caller, input.id);
  await app.live.publish('credential', secretSha256);
  return { ...known, revokedAt: at };
}

async function findVisibleKey(app: Pick<CustomersApp, 'db'>, caller: Caller, id: string): Promise<ApiKeyRow> {
  const key = isId('akey', id) ? await findApiKey(app.db, id) : undefined;
  if (key === undefined || !maySee(caller, key.customerId)) throw new AppError('NOT_FOUND', 'API_KEY_NOT_FOUND');
  return key;
}
