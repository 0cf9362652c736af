import { setTimeout as wait } from 'node:timers/promises';

const TRIES = 20;
const RETRY_MS = 250;

/** The plane said no. `reason` is the word of docs/errors.md. */
export class DemoRefusal extends Error {
  constructor(message: string, readonly code: string, readonly reason: string) {
    super(message);
    this.name = 'DemoRefusal';
  }
}

export interface DemoClient {
  /** The data. What is not available now is asked for again for some seconds. @throws DemoRefusal */
  ask<T>(document: string, variables?: Record<string, unknown>): Promise<T>;
  as(headers: Record<string, string>): DemoClient;
}

interface Answer<T> {
  data?: T;
  errors?: { message: string; extensions: { code: string; reason: string } }[];
}

/** Speaks to the plane at this address as any client does: over HTTP, with a credential in a header. */
export function createDemoClient(url: string, signal: AbortSignal, headers: Record<string, string> = {}): DemoClient {
  return {
    as: (other) => createDemoClient(url, signal, other),
    async ask<T>(query: string, variables: Record<string, unknown> = {}) {
      for (let attempt = 1; ; attempt += 1) {
        const { text } = await send(`${url}/graphql`, { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query, variables }) }, signal);
        const { data, errors } = JSON.parse(text) as Answer<T>;
        const [error] = errors ?? [];
        if (error === undefined) return data as T;
        const { code, reason } = error.extensions;
        if (code !== 'UNAVAILABLE' || attempt === TRIES) throw new DemoRefusal(error.message, code, reason);
        await wait(RETRY_MS, undefined, { signal });
      }
    },
  };
}

/** Asks the simulated Stripe's controls. @throws Error with its refusal. */
export async function askSimulator(stripeUrl: string, path: string, body: Record<string, unknown>, signal: AbortSignal): Promise<void> {
  const { status, text } = await send(`${stripeUrl}${path}`, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }, signal);
  if (status >= 400) throw new Error(`the simulated Stripe answered ${status} to ${path}: ${text}`);
}

/** One request, by POST, and its whole answer. The signal outlives thousands of them: what listens to it for one goes with that one. */
export async function send(url: string, request: Pick<RequestInit, 'headers' | 'body' | 'redirect'>, signal: AbortSignal): Promise<{ status: number; text: string }> {
  signal.throwIfAborted();
  const own = new AbortController();
  const giveUp = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const response = await fetch(url, { method: 'POST', ...request, signal: own.signal });
    return { status: response.status, text: await response.text() };
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
