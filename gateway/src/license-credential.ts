import { createHash } from 'node:crypto';
import type { Clock } from '@iotistic/chassis/clock';
import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import { calendarState, type LicenseClaims, type LicenseState, verifyLicense } from '@iotistic/contracts/license';
import { LRUCache } from 'lru-cache';
import { RevalidatingCache } from './revalidating-cache.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { SubgraphLink } from './subgraph-link.ts';

const VERIFY_QUERY = 'query GatewayLicenseState($token: String!) { verifyLicense(token: $token) { state } }';
const MAX_LICENSES = 20_000;
/** A revocation is heard of within a minute; while licensing does not answer, a good signature is enough (SPEC 1, promise 2). */
const REVOCATION_RULES = { maxEntries: MAX_LICENSES, freshMs: 10_000, staleMs: 60_000, staleIfErrorMs: Number.POSITIVE_INFINITY };

/** Licenses as credentials: reports and fetches are accepted with one until it is unlicensed by its own calendar, or revoked. */
export class LicenseCredential {
  readonly #licensing: SubgraphLink;
  readonly #keys: SigningKeys;
  readonly #clock: Clock;
  /** Signatures that were checked; where a license is on its calendar is looked at each time. */
  readonly #verified = new LRUCache<string, { claims: LicenseClaims; caller: Caller }>({ max: MAX_LICENSES });
  readonly #revocations: RevalidatingCache<{ isRevoked: boolean }>;

  constructor(options: { licensing: SubgraphLink; keys: SigningKeys; clock: Clock }) {
    this.#licensing = options.licensing;
    this.#keys = options.keys;
    this.#clock = options.clock;
    this.#revocations = new RevalidatingCache(REVOCATION_RULES, options.clock);
  }

  /** @throws AppError UNAUTHENTICATED LICENSE_NOT_ACCEPTED with the license's state. */
  async callerOf(token: string): Promise<{ caller: Caller; sha256: string }> {
    const sha256 = createHash('sha256').update(token).digest('hex');
    const { claims, caller } = this.#verified.get(sha256) ?? (await this.#verify(token, sha256));
    const state = calendarState(claims, this.#clock.now());
    if (state === 'EXPIRED') throw notAccepted(state);
    if (await this.#isRevoked(token, sha256)) throw notAccepted('REVOKED');
    return { caller, sha256 };
  }

  async #verify(token: string, sha256: string): Promise<{ claims: LicenseClaims; caller: Caller }> {
    const { byId } = await this.#keys.including(keyIdOf(token) ?? '');
    const { state, claims } = await verifyLicense(token, { findKey: (kid) => byId.get(kid) ?? null, now: this.#clock.now() });
    if (claims === null || !(state === 'VALID' || state === 'GRACE' || state === 'READ_ONLY')) throw notAccepted(state);
    const verified = { claims, caller: { kind: 'instance', customerId: claims.customerId, credential: 'license', credentialId: claims.jti } as const };
    this.#verified.set(sha256, verified);
    return verified;
  }

  async #isRevoked(token: string, sha256: string): Promise<boolean> {
    try {
      const { isRevoked } = await this.#revocations.get(sha256, async () => {
        const response = await this.#licensing.execute({ query: VERIFY_QUERY, operationName: 'GatewayLicenseState', variables: { token } }, { caller: { kind: 'anonymous' }, requestId: newId('req') });
        const state = (response.data?.['verifyLicense'] as { state?: unknown } | null | undefined)?.state;
        if (typeof state !== 'string') throw new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE', undefined, { cause: response.errors });
        return { isRevoked: state === 'REVOKED' };
      });
      return isRevoked;
    } catch {
      // The link has logged why. What cannot be asked is not held against the license.
      return false;
    }
  }
}

function notAccepted(state: LicenseState): AppError {
  return new AppError('UNAUTHENTICATED', 'LICENSE_NOT_ACCEPTED', undefined, { details: { state } });
}

/** The key id that a token names, unverified: only to know whether to ask for keys again. */
function keyIdOf(token: string): string | null {
  try {
    const header = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString('utf8')) as { kid?: unknown } | null;
    return typeof header?.kid === 'string' ? header.kid : null;
  } catch {
    return null;
  }
}
