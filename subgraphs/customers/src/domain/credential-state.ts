import type { CustomerStatus } from './customer.ts';

export type CredentialState = 'ACTIVE' | 'REVOKED' | 'EXPIRED' | 'DEACTIVATED' | 'UNKNOWN';
export type CredentialKind = 'API_KEY' | 'SESSION';

/** What is stored of a credential, and of the account that it belongs to. */
export interface StoredCredential {
  kind: CredentialKind;
  id: string;
  customerId: string;
  userId: string | null;
  expiresAt: Date | null;
  /** When it was revoked, or its session ended. */
  endedAt: Date | null;
  customerStatus: CustomerStatus;
}

/** What the gateway learns of a credential. */
export interface CredentialAnswer {
  state: CredentialState;
  kind: CredentialKind | null;
  id: string | null;
  customerId: string | null;
  userId: string | null;
  expiresAt: Date | null;
}

/** What is answered for a hash that nobody has. */
export const UNKNOWN_CREDENTIAL: CredentialAnswer = { state: 'UNKNOWN', kind: null, id: null, customerId: null, userId: null, expiresAt: null };

/** Whether it is in force. The account's end explains itself better than that of a key which ended with it. */
export function credentialStateOf(credential: Pick<StoredCredential, 'endedAt' | 'expiresAt' | 'customerStatus'>, now: Date): CredentialState {
  if (credential.customerStatus === 'DEACTIVATED') return 'DEACTIVATED';
  if (credential.endedAt !== null) return 'REVOKED';
  if (credential.expiresAt !== null && credential.expiresAt <= now) return 'EXPIRED';
  return 'ACTIVE';
}
