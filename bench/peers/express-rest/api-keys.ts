import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Account } from '../../contestant.ts';

const KEY_CACHE_MS = 60_000;

/** Whose key it is. Keys are stored hashed; one that was found is believed for a minute. */
export function createKeyCheck(pool: pg.Pool): (key: string) => Promise<string | null> {
  const known = new Map<string, { customerId: string; until: number }>();
  return async (key) => {
    const hash = hashOf(key);
    const now = Date.now();
    const found = known.get(hash);
    if (found !== undefined && found.until >= now) return found.customerId;
    const { rows } = await pool.query<{ customer_id: string }>('select customer_id from api_keys where key_hash = $1 and revoked_at is null', [hash]);
    if (rows[0] === undefined) return null;
    known.set(hash, { customerId: rows[0].customer_id, until: now + KEY_CACHE_MS });
    return rows[0].customer_id;
  };
}

export async function createAccounts(pool: pg.Pool, customers: number): Promise<Account[]> {
  const accounts: Account[] = [];
  for (let index = 0; index < customers; index += 1) {
    const customerId = `cust_${randomBytes(12).toString('hex')}`;
    const apiKey = `iotk_${randomBytes(32).toString('base64url')}`;
    await pool.query('insert into customers (customer_id, email, company_name) values ($1, $2, $3)', [customerId, `${customerId}@example.com`, 'Acme Corp']);
    await pool.query('insert into api_keys (key_hash, customer_id) values ($1, $2)', [hashOf(apiKey), customerId]);
    accounts.push({ customerId, apiKey, connectionParams: { apiKey } });
  }
  return accounts;
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
