import type { Db } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { StoredCredential } from '../domain/credential-state.ts';
import type { CustomersTables } from './tables.ts';

export interface CredentialRow extends StoredCredential {
  sha256: string;
  lastUsedAt: Date | null;
}

/** The API keys and sessions with these hashes, in one statement. */
export async function findStoredCredentials(db: Db<CustomersTables>, hashes: readonly string[]): Promise<CredentialRow[]> {
  const { rows } = await sql<CredentialRow>`
    select k.secret_sha256 as "sha256", 'API_KEY' as "kind", k.id, k.customer_id as "customerId", null::text as "userId", null::timestamptz as "expiresAt",
      k.revoked_at as "endedAt", k.last_used_at as "lastUsedAt", c.status as "customerStatus"
    from api_keys k join customers c on c.id = k.customer_id where k.secret_sha256 = any(${[...hashes]}::text[])
    union all
    select s.token_sha256, 'SESSION', s.id, s.customer_id, s.user_id, s.expires_at, s.ended_at, null::timestamptz, c.status
    from sessions s join customers c on c.id = s.customer_id where s.token_sha256 = any(${[...hashes]}::text[])`.execute(db);
  return rows;
}
