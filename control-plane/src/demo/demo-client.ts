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
        const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query, variables }), signal });
        const { data, errors } = (await response.json()) as Answer<T>;
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
  const response = await fetch(`${stripeUrl}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal });
  if (!response.ok) throw new Error(`the simulated Stripe answered ${response.status} to ${path}: ${await response.text()}`);
}
