import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '@iotistic/chassis/clock';
import type { Live } from '@iotistic/chassis/live';
import { AppError } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import { LICENSE_ALGORITHM } from '@iotistic/contracts/signed-document';
import { z } from 'zod';
import { RevalidatingCache } from './revalidating-cache.ts';
import type { SubgraphLink } from './subgraph-link.ts';

const KEYS_QUERY = 'query GatewaySigningKeys { signingKeys { id status publicKeyPem } }';
const answerSchema = z.array(z.object({ id: z.string(), status: z.enum(['ANNOUNCED', 'CURRENT', 'VERIFYING', 'RETIRED']), publicKeyPem: z.string() }));
const RULES = { maxEntries: 1, freshMs: 60_000, staleMs: 300_000, staleIfErrorMs: 30 * 86_400_000 };
/** An unknown key id asks licensing again, but not more often than this: anyone can invent one. */
const REFRESH_EVERY_MS = 5_000;
const ONLY = 'keys';
/** The live topic on which licensing tells that its keys changed. */
export const SIGNING_KEYS_TOPIC = 'signing-keys';

/** The keys that licenses may be signed with, as licensing says. */
export class SigningKeys {
  readonly #licensing: SubgraphLink;
  readonly #clock: Clock;
  readonly #cache: RevalidatingCache<KeySet>;
  readonly #stopListening: (() => void)[];
  #refreshedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: { licensing: SubgraphLink; live: Live; clock: Clock }) {
    this.#licensing = options.licensing;
    this.#clock = options.clock;
    this.#cache = new RevalidatingCache(RULES, options.clock);
    this.#stopListening = [options.live.subscribe(SIGNING_KEYS_TOPIC, () => this.#cache.distrust()), options.live.onGap(() => this.#cache.distrust())];
  }

  close(): void {
    for (const stop of this.#stopListening) stop();
  }

  /** @throws AppError UNAVAILABLE when licensing does not answer and no keys are known. */
  async current(): Promise<KeySet> {
    return this.#cache.get(ONLY, () => this.#ask());
  }

  /** The keys with this one among them, if there is such a key. */
  async including(kid: string): Promise<KeySet> {
    const keys = await this.current();
    const nowMs = this.#clock.now().getTime();
    if (keys.byId.has(kid) || nowMs - this.#refreshedAtMs < REFRESH_EVERY_MS) return keys;
    this.#refreshedAtMs = nowMs;
    this.#cache.distrust();
    return this.current();
  }

  async #ask(): Promise<KeySet> {
    const response = await this.#licensing.execute({ query: KEYS_QUERY, operationName: 'GatewaySigningKeys' }, { caller: { kind: 'anonymous' }, requestId: newId('req') });
    const parsed = answerSchema.safeParse(response.data?.['signingKeys']);
    if (!parsed.success) throw new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE', undefined, { cause: response.errors ?? parsed.error });
    return keySetOf(parsed.data.filter(({ status }) => status !== 'RETIRED'));
  }
}

export interface KeySet {
  byId: ReadonlyMap<string, KeyObject>;
  /** RFC 7517, as JSON. */
  jwks: string;
  etag: string;
}

function keySetOf(keys: readonly { id: string; publicKeyPem: string }[]): KeySet {
  const byId = new Map(keys.map(({ id, publicKeyPem }) => [id, createPublicKey(publicKeyPem)]));
  const jwks = JSON.stringify({ keys: [...byId].map(([kid, key]) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig', alg: LICENSE_ALGORITHM })) });
  return { byId, jwks, etag: `"${createHash('sha256').update(jwks).digest('base64url')}"` };
}
