import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { API_VERSION } from './api-version.ts';
import { authenticate } from './authenticate.ts';
import { decodeForm, decodeJson } from './decode.ts';
import type { Endpoint } from './endpoint.ts';
import { expandTree } from './expand.ts';
import type { Fault, Faults } from './faults.ts';
import { fingerprintOf, findKept, keepAnswer, type KeptAnswer } from './idempotency.ts';
import { isKnownPath } from './known-paths.ts';
import type { OpenSimulation } from './open-simulation.ts';
import { refusalOf } from './param-errors.ts';
import { randomText } from './random-id.ts';
import { render } from './render.ts';
import type { Match, Router } from './router.ts';
import { StripeError } from './stripe-error.ts';

export interface ApiRequest {
  method: string;
  pathname: string;
  /** Without its question mark. */
  query: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  origin: string;
}

export interface ApiAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** The connection ends without it. */
  cut: boolean;
}

export interface Pipeline {
  simulation: OpenSimulation;
  router: Router<Endpoint>;
  faults: Faults;
  /** Idempotency keys of requests under way. */
  keysInUse: Set<string>;
  log: (message: string, fields: Record<string, unknown>) => void;
}

/** A request that has come as far as being carried out. */
interface Execution {
  match: Match<Endpoint>;
  request: ApiRequest;
  requestId: string;
  params: { expand?: string[] };
  key: string | null;
  fingerprint: string;
  fault: Fault | null;
}

/** Answers a request of the API; never throws. The order is Stripe's: who, what, decode, validate, idempotency, run, expand. */
export async function answerApi(pipeline: Pipeline, request: ApiRequest): Promise<ApiAnswer> {
  const requestId = `req_${randomText(14)}`;
  const key = idempotencyKeyOf(request);
  const headers = { 'request-id': requestId, 'stripe-version': API_VERSION, ...(key === null ? {} : { 'idempotency-key': key }) };
  let fault: Fault | null = null;
  try {
    authenticate(pipeline.simulation, request.headers, request.pathname);
    fault = pipeline.faults.take(request.method, request.pathname);
    if (fault !== null && fault.delayMs === 0 && !fault.afterApply) return faulty(fault, headers, requestId);
    const execution = prepare(pipeline, request, requestId, key, fault);
    const kept = await carryOut(pipeline, execution);
    const replayed = kept.requestId === requestId ? {} : { 'idempotent-replayed': 'true', 'original-request': kept.requestId };
    return { status: kept.status, headers: { ...headers, ...replayed }, body: kept.body, cut: fault?.cut ?? false };
  } catch (error) {
    return { ...failure(pipeline, error, requestId, headers), cut: fault?.cut ?? false };
  }
}

function prepare({ router }: Pipeline, request: ApiRequest, requestId: string, key: string | null, fault: Fault | null): Execution {
  const match = router.find(request.method, request.pathname);
  if (match === null) throw unrecognized(request);
  const version = request.headers['stripe-version'];
  if (version !== undefined && version !== API_VERSION) throw StripeError.invalid(`This simulation speaks version ${API_VERSION} of the API only, not ${String(version)}.`);
  const raw = decode(request);
  const parsed = match.route.params.safeParse(raw);
  if (!parsed.success) throw refusalOf(parsed.error, raw);
  const fingerprint = fingerprintOf(request.method, request.pathname, raw);
  return { match, request, requestId, params: parsed.data, key, fingerprint, fault };
}

/** The kept answer where there is one. A second request under a key that is in use is refused: 409. */
async function carryOut(pipeline: Pipeline, execution: Execution): Promise<Omit<KeptAnswer, 'createdMs'>> {
  const { key, fault } = execution;
  if (key !== null) {
    const kept = findKept(pipeline.simulation, key, execution.fingerprint);
    if (kept !== null) return kept;
    if (pipeline.keysInUse.has(key)) throw new StripeError('idempotency_error', 409, `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`, { code: 'idempotency_key_in_use' });
    pipeline.keysInUse.add(key);
  }
  try {
    if (fault !== null && fault.delayMs > 0) await wait(fault.delayMs);
    if (fault !== null && !fault.afterApply && (fault.cut || fault.status !== null)) throw faultError(fault.status ?? 500);
    return run(pipeline, execution);
  } finally {
    if (key !== null) pipeline.keysInUse.delete(key);
  }
}

/** What the handler wrote and the answer that is kept under the key are one commit. */
function run(pipeline: Pipeline, { match, request, requestId, params, key, fingerprint, fault }: Execution): Omit<KeptAnswer, 'createdMs'> {
  const { simulation } = pipeline;
  const keep = (status: number, body: string): Omit<KeptAnswer, 'createdMs'> => {
    const answer = { id: key ?? '', fingerprint, status, body, requestId };
    if (key !== null) keepAnswer(simulation, answer);
    return answer;
  };
  try {
    return simulation.transaction({ id: requestId, idempotency_key: key }, () => {
      const outcome = outcomeOf(() => {
        const answer = match.route.run({ simulation, path: match.path, params: params as never, idempotencyKey: key, origin: request.origin });
        return JSON.stringify(render(simulation, answer, expandTree(params.expand ?? [])), null, 2);
      });
      if (fault?.afterApply === true && fault.status !== null) return keep(fault.status, bodyOf(faultError(fault.status), requestId));
      return typeof outcome === 'string' ? keep(200, outcome) : keep(outcome.status, bodyOf(outcome, requestId));
    });
  } catch (error) {
    const { status, body } = failure(pipeline, error, requestId, {});
    const isKept = key !== null && (request.pathname.startsWith('/v1/') || status < 500) && !isValidation(error);
    return isKept ? simulation.transaction(null, () => keep(status, body)) : { id: '', fingerprint, status, body, requestId };
  }
}

/** The answer, or a refusal that keeps what was written: the commit then holds both. @throws any other refusal or failure. */
function outcomeOf(answer: () => string): StripeError | string {
  try {
    return answer();
  } catch (error) {
    if (error instanceof StripeError && error.keepsWrites) return error;
    throw error;
  }
}

function decode(request: ApiRequest): Record<string, unknown> {
  const query = decodeForm(request.query);
  if (request.method === 'GET' || request.body.length === 0) return query;
  const type = request.headers['content-type'] ?? '';
  const text = request.body.toString('utf8');
  if (request.pathname.startsWith('/v2/')) return { ...query, ...decodeJson(text) };
  if (!type.startsWith('application/x-www-form-urlencoded')) throw StripeError.invalid(`Invalid request (check that your POST content type is application/x-www-form-urlencoded). The content type was ${type === '' ? 'not set' : type}.`);
  return { ...query, ...decodeForm(text) };
}

function failure({ log }: Pipeline, error: unknown, requestId: string, headers: Record<string, string>): Omit<ApiAnswer, 'cut'> {
  if (!(error instanceof StripeError)) log('an operation of the simulator failed', { error, requestId });
  const refusal = error instanceof StripeError ? error : new StripeError('api_error', 500, 'An unknown error occurred');
  return { status: refusal.status, headers: { ...headers, ...limitHeaders(refusal) }, body: bodyOf(refusal, requestId) };
}

function faulty(fault: Fault, headers: Record<string, string>, requestId: string): ApiAnswer {
  const error = faultError(fault.status ?? 500);
  return { status: error.status, headers: { ...headers, ...limitHeaders(error) }, body: bodyOf(error, requestId), cut: fault.cut };
}

function faultError(status: number): StripeError {
  if (status === 429) return new StripeError('invalid_request_error', 429, 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.', { code: 'rate_limit' });
  return new StripeError(status >= 500 ? 'api_error' : 'invalid_request_error', status, 'This failure was asked for by POST /_sim/faults.');
}

/** A client tries again by itself where something was locked, not where it asked too often. */
function limitHeaders({ status, details }: StripeError): Record<string, string> {
  if (status !== 429) return {};
  return details.code === 'lock_timeout' ? { 'stripe-should-retry': 'true' } : { 'stripe-rate-limited-reason': 'global-rate' };
}

function bodyOf(error: StripeError, requestId: string): string {
  return JSON.stringify(error.body(requestId), null, 2);
}

/** What validation refuses has not begun to run. */
function isValidation(error: unknown): boolean {
  return error instanceof StripeError && error.type === 'invalid_request_error' && (error.details.code?.startsWith('parameter_') ?? false);
}

function idempotencyKeyOf({ method, pathname, headers }: ApiRequest): string | null {
  const key = headers['idempotency-key'];
  const takesOne = method === 'POST' || (method === 'DELETE' && pathname.startsWith('/v2/'));
  return takesOne && typeof key === 'string' && key !== '' ? key : null;
}

function unrecognized({ method, pathname }: ApiRequest): StripeError {
  if (isKnownPath(pathname)) return new StripeError('api_error', 501, `${method} ${pathname} is not part of this simulation of Stripe.`, { code: 'not_simulated' });
  return new StripeError('invalid_request_error', 404, `Unrecognized request URL (${method}: ${pathname}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`);
}
