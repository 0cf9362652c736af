import { hash } from 'node:crypto';
import type { Clock } from '@iotistic/chassis/clock';
import type { Live } from '@iotistic/chassis/live';
import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import { z } from 'zod';
import { type CacheResult, type CacheRules, RevalidatingCache } from './revalidating-cache.ts';
import type { SubgraphLink } from './subgraph-link.ts';

/** The live topic on which customers tells the SHA-256 (hex) of a credential that changed. */
export const CREDENTIAL_TOPIC = 'credential';

const CREDENTIAL_QUERY = 'query GatewayCredential($sha256: String!) { credential(sha256: $sha256) { state kind id customerId userId expiresAt } }';

const answerSchema = z.object({
  state: z.enum(['ACTIVE', 'REVOKED', 'EXPIRED', 'DEACTIVATED', 'UNKNOWN']),
  kind: z.enum(['API_KEY', 'SESSION']).nullable(),
  id: z.string().nullable(),
  customerId: z.string().nullable(),
  userId: z.string().nullable(),
  expiresAt: z.string().nullable(),
});

/** What customers said of a credential: who presents it, or the reason why nobody does. */
type Known = { state: 'ACTIVE'; caller: Caller; expiresAtMs: number } | { state: 'REVOKED' | 'EXPIRED' | 'DEACTIVATED' | 'UNKNOWN'; kind: 'API_KEY' | 'SESSION' | null };

const RULES: CacheRules<Known> = { maxEntries: 50_000, freshMs: 10_000, staleMs: 60_000, staleIfErrorMs: 86_400_000, isRefusal: ({ state }) => state !== 'ACTIVE' };

/**
 * API keys and session tokens, as customers knows them by their SHA-256. An answer is used for 10 s, for a minute while
 * it is asked for again, and for a day when customers does not answer: agents keep reporting through its outage. A
 * change is heard on the live bus at once.
 */
export class CredentialLookup {
  readonly #customers: SubgraphLink;
  readonly #clock: Clock;
  readonly #known: RevalidatingCache<Known>;
  readonly #stopListening: (() => void)[];

  constructor(options: { customers: SubgraphLink; live: Live; clock: Clock; onResult(result: CacheResult): void }) {
    this.#customers = options.customers;
    this.#clock = options.clock;
    this.#known = new RevalidatingCache(RULES, options.clock, options.onResult);
    this.#stopListening = [options.live.subscribe(CREDENTIAL_TOPIC, (sha256) => this.#known.drop(sha256)), options.live.onGap(() => this.#known.distrust())];
  }

  /** At once where it is known already. @throws AppError UNAUTHENTICATED with the reason, or UNAVAILABLE when nobody knows; then or later. */
  callerOf(secret: string): { caller: Caller; sha256: string } | Promise<{ caller: Caller; sha256: string }> {
    const sha256 = hash('sha256', secret, 'hex');
    const known = this.#known.get(sha256, () => this.#ask(sha256));
    return known instanceof Promise ? known.then((answer) => this.#admit(answer, sha256)) : this.#admit(known, sha256);
  }

  #admit(known: Known, sha256: string): { caller: Caller; sha256: string } {
    if (known.state !== 'ACTIVE') throw refusalOf(known);
    if (known.expiresAtMs <= this.#clock.now().getTime()) throw new AppError('UNAUTHENTICATED', 'SESSION_EXPIRED');
    return { caller: known.caller, sha256 };
  }

  close(): void {
    for (const stop of this.#stopListening) stop();
  }

  async #ask(sha256: string): Promise<Known> {
    const response = await this.#customers.execute({ query: CREDENTIAL_QUERY, operationName: 'GatewayCredential', variables: { sha256 } }, { caller: { kind: 'gateway' }, requestId: newId('req') });
    const parsed = answerSchema.safeParse(response.data?.['credential']);
    if (!parsed.success) throw new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE', undefined, { cause: response.errors ?? parsed.error });
    return toKnown(parsed.data);
  }
}

function toKnown({ state, kind, id, customerId, userId, expiresAt }: z.output<typeof answerSchema>): Known {
  if (state !== 'ACTIVE') return { state, kind };
  if (id === null || customerId === null) return { state: 'UNKNOWN', kind };
  const expiresAtMs = expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
  if (kind === 'API_KEY') return { state, expiresAtMs, caller: { kind: 'instance', customerId, credential: 'api_key', credentialId: id } };
  return userId === null ? { state: 'UNKNOWN', kind } : { state, expiresAtMs, caller: { kind: 'user', customerId, userId, sessionId: id } };
}

function refusalOf(known: Exclude<Known, { state: 'ACTIVE' }>): AppError {
  switch (known.state) {
    case 'REVOKED':
      return known.kind === 'SESSION' ? new AppError('UNAUTHENTICATED', 'SESSION_EXPIRED') : new AppError('UNAUTHENTICATED', 'API_KEY_REVOKED');
    case 'EXPIRED':
      return new AppError('UNAUTHENTICATED', 'SESSION_EXPIRED');
    case 'DEACTIVATED':
      return new AppError('UNAUTHENTICATED', 'CUSTOMER_DEACTIVATED');
    default:
      return new AppError('UNAUTHENTICATED', 'INVALID_CREDENTIAL');
  }
}
