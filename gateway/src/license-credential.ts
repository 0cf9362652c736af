import { createHash } from 'node:crypto';
import type { Clock } from '@iotistic/chassis/clock';
import type { Live } from '@iotistic/chassis/live';
import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import { calendarOf, calendarState, type LicenseCalendar, type LicenseState, verifyLicense } from '@iotistic/contracts/license';
import { namedKeyId } from '@iotistic/contracts/signed-document';
import { LRUCache } from 'lru-cache';
import { CREDENTIAL_TOPIC } from './credential-lookup.ts';
import { RevalidatingCache } from './revalidating-cache.ts';
import { SIGNING_KEYS_TOPIC, type SigningKeys } from './signing-keys.ts';
import type { SubgraphLink } from './subgraph-link.ts';

const VERIFY_QUERY = 'query GatewayLicenseState($token: String!) { verifyLicense(token: $token) { state } }';
const MAX_LICENSES = 20_000;
/** A revocation is heard on the live bus at once, and asked for within a minute; while licensing does not answer, a good signature is enough (SPEC 1, promise 2). */
const REVOCATION_RULES = { maxEntries: MAX_LICENSES, freshMs: 10_000, staleMs: 60_000, staleIfErrorMs: Number.POSITIVE_INFINITY };

/** Licenses as credentials: reports and fetches are accepted with one until it is unlicensed by its own calendar, or revoked. */
export class LicenseCredential {
  readonly #licensing: SubgraphLink;
  readonly #keys: SigningKeys;
  readonly #clock: Clock;
  /** Signatures that were checked; where a license is on its calendar is looked at each time. */
  readonly #verified = new LRUCache<string, { calendar: LicenseCalendar; caller: Caller }>({ max: MAX_LICENSES });
  readonly #revocations: RevalidatingCache<{ isRevoked: boolean }>;

  readonly #stopListening: (() => void)[];

  constructor(options: { licensing: SubgraphLink; keys: SigningKeys; live: Live; clock: Clock }) {
    this.#licensing = options.licensing;
    this.#keys = options.keys;
    this.#clock = options.clock;
    this.#revocations = new RevalidatingCache(REVOCATION_RULES, options.clock);
    const forget = (): void => {
      this.#verified.clear();
      this.#revocations.distrust();
    };
    this.#stopListening = [options.live.subscribe(CREDENTIAL_TOPIC, (sha256) => this.#revocations.drop(sha256)), options.live.subscribe(SIGNING_KEYS_TOPIC, forget), options.live.onGap(forget)];
  }

  close(): void {
    for (const stop of this.#stopListening) stop();
  }

  /** @throws AppError UNAUTHENTICATED LICENSE_NOT_ACCEPTED with the license's state. */
  async callerOf(token: string): Promise<{ caller: Caller; sha256: string }> {
    const sha256 = createHash('sha256').update(token).digest('hex');
    const { calendar, caller } = this.#verified.get(sha256) ?? (await this.#verify(token, sha256));
    const state = calendarState(calendar, this.#clock.now());
    if (state === 'EXPIRED') throw notAccepted(state);
    if (await this.#isRevoked(token, sha256)) throw notAccepted('REVOKED');
    return { caller, sha256 };
  }

  async #verify(token: string, sha256: string): Promise<{ calendar: LicenseCalendar; caller: Caller }> {
    const { byId } = await this.#keys.including(namedKeyId(token) ?? '');
    const { state, claims } = verifyLicense(token, { findKey: (kid) => byId.get(kid) ?? null, now: this.#clock.now() });
    if (claims === null || !(state === 'VALID' || state === 'GRACE' || state === 'READ_ONLY')) throw notAccepted(state);
    const verified = { calendar: calendarOf(claims), caller: { kind: 'instance', customerId: claims.customerId, credential: 'license', credentialId: claims.jti } as const };
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
