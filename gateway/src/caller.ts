import type { KeyObject } from 'node:crypto';
import type { Clock } from '@iotistic/chassis/clock';
import { CALLER_ISSUER, CALLER_TTL_SECONDS, type Caller } from '@iotistic/contracts/caller';
import { SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';

/** Signs who is asking for one subgraph: whoever else gets hold of it can do nothing with it. */
export type SignCaller = (caller: Caller, audience: string) => Promise<string>;

const MAX_SIGNED = 20_000;
/** A signature is reused for half its life, so that what arrives is never close to its end. */
const REUSE_MS = (CALLER_TTL_SECONDS * 1000) / 2;

export function createCallerSigner(privateKey: KeyObject, clock: Clock): SignCaller {
  const signed = new LRUCache<string, { token: Promise<string>; signedAtMs: number }>({ max: MAX_SIGNED });
  return (caller, audience) => {
    const key = `${audience} ${JSON.stringify(caller)}`;
    const now = clock.now();
    const known = signed.get(key);
    if (known !== undefined && now.getTime() - known.signedAtMs < REUSE_MS && now.getTime() >= known.signedAtMs) return known.token;
    const issuedAt = Math.floor(now.getTime() / 1000);
    const token = new SignJWT({ caller })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer(CALLER_ISSUER)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + CALLER_TTL_SECONDS)
      .sign(privateKey);
    signed.set(key, { token, signedAtMs: now.getTime() });
    return token;
  };
}
