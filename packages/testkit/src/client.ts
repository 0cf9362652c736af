import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface GraphqlError {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; reason: string; requestId: string } & Record<string, unknown>;
}

export interface GraphqlAnswer {
  status: number;
  headers: Headers;
  data: unknown;
  errors: GraphqlError[] | undefined;
}

/** How a caller presents itself: one of the two, or nothing. */
export interface Credential {
  bearer?: string;
  apiKey?: string;
}

export interface GraphqlClient {
  /** The whole answer, errors and status included. */
  send(query: string, variables?: Record<string, unknown>): Promise<GraphqlAnswer>;
  /** The data. @throws Error that tells the errors. */
  ask<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
  /** Opens a live operation on a socket of its own. */
  live<T>(query: string, variables?: Record<string, unknown>): LiveOperation<T>;
  as(credential: Credential): GraphqlClient;
}

export interface LiveOperation<T> {
  /** Resolves when the socket is open and the operation was sent. */
  opened: Promise<void>;
  received: { data: T | null; errors?: readonly GraphqlError[] }[];
  ended: Promise<unknown>;
  stop(): Promise<void>;
}

export function headersOf(credential: Credential): Record<string, string> {
  return { ...(credential.bearer === undefined ? {} : { authorization: `Bearer ${credential.bearer}` }), ...(credential.apiKey === undefined ? {} : { 'x-api-key': credential.apiKey }) };
}

/** A client of the plane at this address (`http://127.0.0.1:3100`). */
export function createGraphqlClient(url: string, credential: Credential = {}): GraphqlClient {
  async function send(query: string, variables: Record<string, unknown> = {}): Promise<GraphqlAnswer> {
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headersOf(credential) }, body: JSON.stringify({ query, variables }) });
    const { data, errors } = (await response.json()) as { data?: unknown; errors?: GraphqlError[] };
    return { status: response.status, headers: response.headers, data, errors };
  }
  return {
    send,
    async ask<T>(query: string, variables?: Record<string, unknown>) {
      const { data, errors } = await send(query, variables);
      if (errors !== undefined) throw new Error(`the plane answered ${JSON.stringify(errors)}`);
      return data as T;
    },
    live: (query, variables = {}) => openLive(url, credential, query, variables),
    as: (other) => createGraphqlClient(url, other),
  };
}

function openLive<T>(url: string, credential: Credential, query: string, variables: Record<string, unknown>): LiveOperation<T> {
  const received: LiveOperation<T>['received'] = [];
  let hasOpened: () => void = () => undefined;
  let hasEnded: (reason: unknown) => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    hasOpened = resolve;
  });
  const ended = new Promise<unknown>((resolve) => {
    hasEnded = resolve;
  });
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: true,
    retryAttempts: 0,
    connectionParams: headersOf(credential),
    // The server works through one socket's messages in order, so what is sent after its pong comes after the subscribe.
    on: { connected: () => hasOpened() },
  });
  client.subscribe({ query, variables }, { next: (value) => void received.push(value as never), error: hasEnded, complete: () => hasEnded(null) });
  return {
    opened,
    received,
    ended,
    async stop() {
      await client.dispose();
    },
  };
}
