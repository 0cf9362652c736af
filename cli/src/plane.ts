import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
import { z } from 'zod';
import { CliError, EXIT } from './cli-error.ts';
import { errorsSchema, refusalOf, unreachable } from './plane-error.ts';
import type { Terminal } from './terminal.ts';

/** A document of schema/operations/cli with the types of its variables and of its answer. */
export type Document<R, V> = DocumentTypeDecoration<R, V> & { toString(): string };

/** The control plane, as far as iotctl speaks to it: GraphQL and nothing else. */
export interface Plane {
  readonly url: string;
  /** @throws CliError with what the plane, or the network, says */
  ask<R, V>(document: Document<R, V>, variables: V): Promise<R>;
  /**
   * A query of which some fields may stay open: what a part of the plane would have answered that is down is null, and said once.
   * @throws CliError with what the plane, or the network, says, where nothing is left
   */
  askWhatIsKnown<R, V>(document: Document<R, V>, variables: V): Promise<R>;
  /**
   * Hears what a live operation tells until it is over, or `listening.signal` says that it was enough. A connection that breaks
   * is made again.
   * @throws CliError
   */
  listen<R, V>(document: Document<R, V>, variables: V, listening: Listening<R>): Promise<void>;
}

export interface Listening<R> {
  hear(data: R): void;
  /** The operation was sent: from now on nothing is missed. Once more each time that the connection was made again. */
  opened?(): void;
  /** The connection broke: what happens until it is made again is not heard. */
  lost?(): void;
  /** So many events before the next one did not arrive, since they came faster than they were taken; null where nobody knows. */
  missed?(count: number | null): void;
  /** Enough was heard. */
  signal?: AbortSignal;
}

const ANSWER_CHARACTERS = 64 * 1024 * 1024;
const bodySchema = z.object({ data: z.unknown().optional(), errors: errorsSchema.optional() });

export interface Target {
  /** Without a slash at its end. */
  url: string;
  token: string | null;
  timeoutSeconds: number;
}

type Asking = Pick<Terminal, 'fetch' | 'signal'>;

/** One question over HTTP. Nothing is asked twice: a mutation may have been done although its answer was lost. */
export async function askPlane<R, V>(target: Target, terminal: Asking, document: Document<R, V>, variables: V): Promise<R> {
  const { data, errors } = await send(target, terminal, document, variables);
  if (errors !== undefined) throw refusalOf(errors);
  return data as R;
}

/** The same, where a part that is down costs its fields only. @param lost called with what it says of them */
export async function askPlaneForWhatIsKnown<R, V>(target: Target, terminal: Asking, document: Document<R, V>, variables: V, lost: (refusal: CliError) => void): Promise<R> {
  const { data, errors } = await send(target, terminal, document, variables);
  if (errors === undefined) return data as R;
  const refusal = refusalOf(errors);
  if (data === undefined || data === null || errors.some(({ extensions }) => extensions?.code !== 'UNAVAILABLE')) throw refusal;
  lost(refusal);
  return data as R;
}

async function send<R, V>({ url, token, timeoutSeconds }: Target, terminal: Asking, document: Document<R, V>, variables: V): Promise<z.infer<typeof bodySchema>> {
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  let response: Response;
  let text: string;
  try {
    // Another address would get the token too.
    response = await terminal.fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: document.toString(), variables }), redirect: 'manual', signal: AbortSignal.any([terminal.signal, timeout]) });
    text = await response.text();
  } catch (error) {
    terminal.signal.throwIfAborted();
    if (timeout.aborted) throw new CliError(EXIT.unreachable, `The plane at ${url} did not answer within ${timeoutSeconds} s.${isMutation(document) ? ' What was asked may have been done.' : ''}`);
    throw unreachable(url, error);
  }
  return readAnswer(url, response, text);
}

function readAnswer(url: string, response: Response, text: string): z.infer<typeof bodySchema> {
  const location = response.headers.get('location');
  if (response.status >= 300 && response.status < 400) throw new CliError(EXIT.unreachable, `${url} sends to ${location ?? 'another address'}: if that is the plane, set IOTCTL_URL to it.`);
  const body = text.length > ANSWER_CHARACTERS ? null : parseBody(text);
  if (body === null || (body.errors === undefined && (body.data === undefined || body.data === null))) {
    const kind = response.headers.get('content-type')?.split(';')[0] ?? 'nothing';
    throw new CliError(EXIT.unreachable, `What answered at ${url} is not the control plane (HTTP ${response.status}, ${kind}): is there a proxy in between, or another server?`);
  }
  return body;
}

function parseBody(text: string): z.infer<typeof bodySchema> | null {
  try {
    return bodySchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function isMutation<R, V>(document: Document<R, V>): boolean {
  return document.toString().trimStart().startsWith('mutation');
}
