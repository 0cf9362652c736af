import { type Caller, actorOf } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import type { CustomersApp } from '../app.ts';
import { credentialHash, newApiKeySecret, visiblePrefix } from '../domain/credential.ts';
import { parseName } from '../domain/name.ts';
import { type ApiKeyRow, countKeysInForce, insertApiKey, MAX_KEYS_IN_FORCE } from '../repository/api-keys.ts';
import { violatedIndex } from '../repository/unique-violation.ts';
import { lockActiveCustomer } from './lock-customer-for-change.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

/**
 * A key for the account's instances. The secret is in this answer and nowhere else. A name is free again once its key is
 * revoked; two names that differ in case only are the same.
 * @throws AppError CUSTOMER_NOT_FOUND, CUSTOMER_DEACTIVATED, INVALID_NAME, NAME_TAKEN, TOO_MANY_API_KEYS
 */
export async function createApiKey(app: Pick<CustomersApp, 'db' | 'clock'>, caller: Caller, input: { customerId: string; name: string }): Promise<{ apiKey: ApiKeyRow; secret: string }> {
  const name = parseName(input.name);
  const secret = newApiKeySecret();
  const apiKey = await app.db
    .transaction()
    .execute(async (tx) => {
      const customer = await lockActiveCustomer(tx, input.customerId);
      if ((await countKeysInForce(tx, customer.id)) >= MAX_KEYS_IN_FORCE) throw new AppError('LIMIT_EXCEEDED', 'TOO_MANY_API_KEYS');
      const at = app.clock.now();
      const key: ApiKeyRow = { id: newId('akey'), customerId: customer.id, name, prefix: visiblePrefix(secret), createdAt: at, lastUsedAt: null, revokedAt: null };
      await insertApiKey(tx, key, credentialHash(secret));
      await writeAuditEntry(tx, { customerId: customer.id, at, actor: actorOf(caller), action: 'api_key.created', target: key.id, detail: name });
      return key;
    })
    .catch(nameTakenOr);
  return { apiKey, secret };
}

function nameTakenOr(error: unknown): never {
  if (violatedIndex(error) === 'api_keys_name_taken') throw new AppError('CONFLICT', 'NAME_TAKEN', undefined, { cause: error });
  throw error;
}
