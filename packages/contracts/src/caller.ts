import { createPublicKey, type KeyObject } from 'node:crypto';
import { jwtVerify } from 'jose';
import { z } from 'zod';
import { AppError } from './errors.ts';

export const SUBGRAPH_NAMES = ['customers', 'billing', 'licensing', 'usage'] as const;
export type SubgraphName = (typeof SUBGRAPH_NAMES)[number];

/** Who is asking, as the gateway found out. A subgraph believes nothing else. */
export const callerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('anonymous') }),
  z.object({ kind: z.literal('admin'), name: z.string() }),
  z.object({ kind: z.literal('user'), customerId: z.string(), userId: z.string(), sessionId: z.string() }),
  z.object({ kind: z.literal('instance'), customerId: z.string(), credential: z.enum(['api_key', 'license']), credentialId: z.string() }),
  z.object({ kind: z.literal('gateway') }),
]);
export type Caller = z.infer<typeof callerSchema>;

export const CALLER_HEADER = 'x-iotistic-caller';
export const REQUEST_ID_HEADER = 'x-request-id';
/** Where the client is, as the gateway sees it: believed only beside a signed caller. */
export const CLIENT_ADDRESS_HEADER = 'x-iotistic-client-address';
export const CALLER_ISSUER = 'iotistic-gateway';
/** Seconds that a signed caller is good for: long enough to be reused, short enough that a leaked one is worthless. */
export const CALLER_TTL_SECONDS = 60;

/** Who did it, as audit entries write it: `user:user_…`, `admin:…`, `instance:akey_…`. */
export function actorOf(caller: Caller): string {
  switch (caller.kind) {
    case 'admin':
      return `admin:${caller.name}`;
    case 'user':
      return `user:${caller.userId}`;
    case 'instance':
      return `instance:${caller.credentialId}`;
    default:
      return caller.kind;
  }
}

/** The customer that the caller belongs to; null for those who belong to none. */
export function customerOf(caller: Caller): string | null {
  return caller.kind === 'user' || caller.kind === 'instance' ? caller.customerId : null;
}

/** Reads the gateway's public key (SPKI PEM, or that in base64). Throws on anything else. */
export function parseCallerPublicKey(text: string): KeyObject {
  return createPublicKey(text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8'));
}

/**
 * The caller that the gateway signed for this subgraph.
 * @throws AppError UNAUTHENTICATED CALLER_REQUIRED for anything else: unsigned, of another audience, or older than a minute.
 */
export async function verifyCaller(token: string | undefined, audience: SubgraphName, publicKey: KeyObject, now: Date): Promise<Caller> {
  if (token === undefined || token === '') throw new AppError('UNAUTHENTICATED', 'CALLER_REQUIRED');
  try {
    const { payload } = await jwtVerify(token, publicKey, { algorithms: ['EdDSA'], issuer: CALLER_ISSUER, audience, currentDate: now, clockTolerance: 5, maxTokenAge: CALLER_TTL_SECONDS });
    return callerSchema.parse(payload['caller']);
  } catch (cause) {
    throw new AppError('UNAUTHENTICATED', 'CALLER_REQUIRED', undefined, { cause });
  }
}
