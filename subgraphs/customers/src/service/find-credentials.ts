import type { CustomersApp } from '../app.ts';
import { type CredentialAnswer, credentialStateOf, UNKNOWN_CREDENTIAL } from '../domain/credential-state.ts';
import { isCredentialHash } from '../domain/credential.ts';
import { findStoredCredentials } from '../repository/credentials.ts';

/** Whose credentials have these hashes, in their order; notes that the API keys among them are in use. One statement for all. */
export async function findCredentials(app: Pick<CustomersApp, 'db' | 'clock' | 'keyUses'>, hashes: readonly string[]): Promise<CredentialAnswer[]> {
  const rows = await findStoredCredentials(app.db, hashes.filter(isCredentialHash));
  const found = new Map(rows.map((row) => [row.sha256, row]));
  const now = app.clock.now();
  return hashes.map((hash) => {
    const row = found.get(hash);
    if (row === undefined) return UNKNOWN_CREDENTIAL;
    const state = credentialStateOf(row, now);
    if (state === 'ACTIVE' && row.kind === 'API_KEY') app.keyUses.note(row);
    return { state, kind: row.kind, id: row.id, customerId: row.customerId, userId: row.userId, expiresAt: row.expiresAt };
  });
}
