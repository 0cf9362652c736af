import type { Tx } from '@iotistic/chassis/database';
import type { CustomersTables } from './tables.ts';

export interface NewSession {
  id: string;
  userId: string;
  customerId: string;
  tokenSha256: string;
  createdAt: Date;
  expiresAt: Date;
}

export async function insertSession(tx: Tx<CustomersTables>, session: NewSession): Promise<void> {
  await tx
    .insertInto('sessions')
    .values({
      id: session.id,
      user_id: session.userId,
      customer_id: session.customerId,
      token_sha256: session.tokenSha256,
      created_at: session.createdAt,
      expires_at: session.expiresAt,
      ended_at: null,
    })
    .execute();
}

/** Ends the session; answers the hash of its token, undefined when it had ended before. */
export async function endSession(tx: Tx<CustomersTables>, id: string, at: Date): Promise<string | undefined> {
  const row = await tx.updateTable('sessions').set({ ended_at: at }).where('id', '=', id).where('ended_at', 'is', null).returning('token_sha256').executeTakeFirst();
  return row?.token_sha256;
}

/** Ends what is open of a customer's sessions; answers the hashes of their tokens. */
export async function endSessionsOf(tx: Tx<CustomersTables>, customerId: string, at: Date): Promise<string[]> {
  const rows = await tx.updateTable('sessions').set({ ended_at: at }).where('customer_id', '=', customerId).where('ended_at', 'is', null).where('expires_at', '>', at).returning('token_sha256').execute();
  return rows.map((row) => row.token_sha256);
}

/** Forgets a user's sessions that expired before then. */
export async function pruneSessions(tx: Tx<CustomersTables>, userId: string, expiredBefore: Date): Promise<void> {
  await tx.deleteFrom('sessions').where('user_id', '=', userId).where('expires_at', '<', expiredBefore).execute();
}
