import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { MAX_LICENSE_CHARACTERS } from '@iotistic/contracts/license';
import type { CredentialLookup } from './credential-lookup.ts';
import type { LicenseCredential } from './license-credential.ts';

/** What a request or a connection_init payload carries. */
export interface Credentials {
  authorization?: string | undefined;
  apiKey?: string | undefined;
}

export interface Identity {
  caller: Caller;
  /** The SHA-256 (hex) of the credential, by which its revocation is told; null for those that no subgraph knows. */
  sha256: string | null;
}

/** Finds out who is asking: at once where that is known already. @throws AppError UNAUTHENTICATED, then or later: a bad credential is never treated as none. */
export type Authenticate = (credentials: Credentials) => Identity | Promise<Identity>;

const ANONYMOUS: Identity = { caller: { kind: 'anonymous' }, sha256: null };
const ADMIN: Identity = { caller: { kind: 'admin', name: 'operator' }, sha256: null };
const API_KEY_PREFIX = 'iotk_';
const SESSION_PREFIX = 'iots_';

export function createAuthenticate(options: { adminToken: string; lookup: CredentialLookup; licenses: LicenseCredential }): Authenticate {
  const adminDigest = digest(options.adminToken);
  return ({ authorization, apiKey }) => {
    if (authorization === undefined && apiKey === undefined) return ANONYMOUS;
    if (authorization !== undefined && apiKey !== undefined) throw malformed('Send one credential, not two.');
    const secret = apiKey === undefined ? bearerOf(authorization ?? '') : asSent(apiKey).trim();
    if (secret === '' || secret.length > MAX_LICENSE_CHARACTERS) throw malformed();
    if (secret.startsWith(API_KEY_PREFIX)) return options.lookup.callerOf(secret);
    if (apiKey !== undefined) throw new AppError('UNAUTHENTICATED', 'INVALID_CREDENTIAL');
    if (secret.startsWith(SESSION_PREFIX)) return options.lookup.callerOf(secret);
    if (timingSafeEqual(digest(secret), adminDigest)) return ADMIN;
    if (secret.split('.', 4).length === 3) return options.licenses.callerOf(secret);
    throw new AppError('UNAUTHENTICATED', 'INVALID_CREDENTIAL');
  };
}

/** The credentials among a request's headers. */
export function credentialsOf(headers: IncomingHttpHeaders): Credentials {
  const apiKey = headers['x-api-key'];
  return { authorization: headers.authorization, apiKey: Array.isArray(apiKey) ? apiKey.join(',') : apiKey };
}

function bearerOf(authorization: string): string {
  const match = /^Bearer\s+(\S+)$/i.exec(asSent(authorization).trim());
  if (match === null) throw malformed();
  return match[1] ?? '';
}

/** A header's bytes are read one by one: a no-break space that was pasted along comes as the two that UTF-8 makes of it. */
function asSent(text: string): string {
  return /[\u00c2\u00e2\u00ef]/.test(text) && !/[\u0100-\uffff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
}

function malformed(message?: string): AppError {
  return new AppError('UNAUTHENTICATED', 'MALFORMED_CREDENTIAL', message);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
