import type { HttpAnswer, HttpRequest, SocketRoute } from '@iotistic/chassis/http-server';
import type { Log } from '@iotistic/chassis/log';
import { toAppError } from '@iotistic/chassis/public-error';
import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { type Authenticate, credentialsOf, type Identity } from './authenticate.ts';
import { clientAddress } from './client-address.ts';
import type { Operation } from './documents.ts';
import { formatError, type PublicResult, RefusedOperation, statusOf } from './format-error.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { checkMediaType, parseBody, parseSearch } from './graphql-request.ts';
import { LargeBodies, type LargeBody } from './large-bodies.ts';
import type { Origins } from './origins.ts';
import type { RateLimits } from './rate-limits.ts';
import type { SseDoor } from './sse-door.ts';
import type { Graph } from './supergraph.ts';

export interface GraphqlDoorParts {
  graph: Graph;
  authenticate: Authenticate;
  rateLimits: RateLimits;
  origins: Origins;
  trustedProxies: number;
  sse: SseDoor;
  metrics: GatewayMetrics;
  log: Log;
}

/** GraphQL over HTTP: POST and GET. Subscriptions are handed to the event stream, which shares all checks made here. */
export function createGraphqlDoor(parts: GraphqlDoorParts): { get: SocketRoute; post: SocketRoute; options: SocketRoute } {
  const door = new GraphqlDoor(parts);
  return { get: (request) => door.answer(request), post: (request) => door.answer(request), options: (request) => door.preflight(request) };
}

class GraphqlDoor {
  readonly #parts: GraphqlDoorParts;
  readonly #large = new LargeBodies();

  constructor(parts: GraphqlDoorParts) {
    this.#parts = parts;
  }

  preflight(request: HttpRequest): HttpAnswer {
    this.#parts.origins.addHeaders(request);
    return this.#parts.origins.preflight(request.raw);
  }

  async answer(request: HttpRequest): Promise<HttpAnswer | null> {
    const startedAtMs = performance.now();
    const { raw, requestId } = request;
    let kind = 'none';
    let large: LargeBody | null = null;
    try {
      this.#parts.origins.addHeaders(request);
      checkMediaType(raw);
      const known = this.#identify(request);
      const identity = known instanceof Promise ? await known : known;
      if (raw.method === 'POST' && LargeBodies.mayBeLarge(request)) large = await this.#large.read(request);
      const asked = raw.method === 'POST' ? parseBody(large?.body ?? (await request.body())) : parseSearch(request.query);
      const operation = this.#parts.graph.documents.operationOf(asked);
      kind = operation.kind;
      checkTransport(operation, raw.method ?? 'GET', raw.headers.accept);
      const variables = this.#parts.graph.admission.admit(operation, asked, identity.caller);
      if (operation.kind === 'subscription') {
        this.#parts.sse.open(request, operation, variables, identity);
        this.#parts.metrics.request(kind, {}, startedAtMs);
        return null;
      }
      const result = await this.#parts.graph.execute(operation, variables, { caller: identity.caller, requestId });
      this.#parts.metrics.request(kind, result, startedAtMs);
      return wantsOnlyEvents(raw.headers.accept) ? this.#parts.sse.single(result) : answerOf(result, raw.headers.accept);
    } catch (error) {
      const result = this.#refuse(error, requestId);
      this.#parts.metrics.request(kind, result, startedAtMs);
      if (!raw.complete) request.addHeader('connection', 'close');
      return answerOf(result, raw.headers.accept);
    } finally {
      large?.leave();
    }
  }

  /**
   * Good credentials are limited by nobody here; who has none, or a bad one, is counted by address. Answers at once who is known
   * already: each promise on this way is paid for by every request.
   */
  #identify({ raw }: HttpRequest): Identity | Promise<Identity> {
    const address = clientAddress(raw, this.#parts.trustedProxies);
    try {
      const known = this.#parts.authenticate(credentialsOf(raw.headers));
      if (known instanceof Promise) return known.catch((error: unknown) => this.#refuseStranger(error, address));
      return isAnonymous(known.caller) ? this.#parts.rateLimits.countAnonymous(address).then(() => known) : known;
    } catch (error) {
      return this.#refuseStranger(error, address);
    }
  }

  async #refuseStranger(error: unknown, address: string): Promise<never> {
    if (error instanceof AppError && error.code === 'UNAUTHENTICATED') await this.#parts.rateLimits.countAnonymous(address);
    throw error;
  }

  #refuse(error: unknown, requestId: string): PublicResult {
    const errors = error instanceof RefusedOperation ? error.errors : [toAppError(error)];
    return { errors: errors.map((each) => formatError(each, requestId, this.#parts.log)) };
  }
}

function isAnonymous(caller: Caller): boolean {
  return caller.kind === 'anonymous';
}

/** A GET must change nothing, and a subscription needs a way to be pushed. */
function checkTransport(operation: Operation, method: string, accept: string | undefined): void {
  if (operation.kind === 'mutation' && method === 'GET') throw new AppError('INVALID_INPUT', 'METHOD_NOT_ALLOWED', 'Send mutations by POST.', { details: { allow: 'POST' } });
  if (operation.kind === 'subscription' && !acceptsEvents(accept)) throw new AppError('INVALID_INPUT', 'SUBSCRIPTION_TRANSPORT');
}

function acceptsEvents(accept: string | undefined): boolean {
  return accept?.includes('text/event-stream') ?? false;
}

function wantsOnlyEvents(accept: string | undefined): boolean {
  return acceptsEvents(accept) && !/application\/(graphql-response\+)?json|\*\/\*/.test(accept ?? '');
}

function answerOf(result: PublicResult, accept: string | undefined): HttpAnswer {
  const status = statusOf(result);
  const extensions = status === 200 ? undefined : result.errors?.[0]?.extensions;
  const headers: Record<string, string> = {
    'content-type': accept?.includes('application/graphql-response+json') ? 'application/graphql-response+json; charset=utf-8' : 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  };
  const retryAfterSeconds = extensions?.['retryAfterSeconds'];
  if (typeof retryAfterSeconds === 'number') headers['retry-after'] = String(retryAfterSeconds);
  if (extensions?.reason === 'METHOD_NOT_ALLOWED') headers['allow'] = 'POST';
  return { status, headers, body: JSON.stringify(result) };
}

