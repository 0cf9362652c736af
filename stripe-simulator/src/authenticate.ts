import type { IncomingHttpHeaders } from 'node:http';
import type { Simulation } from './simulation.ts';
import { StripeError } from './stripe-error.ts';

/** What a session of the meter event stream is kept as: its token is an API key for that one operation. */
export interface MeterSessionRecord {
  id: string;
  token: string;
  expiresMs: number;
}
export const METER_SESSIONS = 'sim.meter_session';

const STREAM_PATH = '/v2/billing/meter_event_stream';

/** Any test key is a key of the one account that there is. @throws StripeError (401) */
export function authenticate(simulation: Simulation, headers: IncomingHttpHeaders, pathname: string): void {
  const key = keyOf(headers.authorization);
  if (key === null) {
    throw new StripeError('invalid_request_error', 401, "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').");
  }
  if (pathname === STREAM_PATH) return authenticateSession(simulation, key);
  if (/^(sk|rk)_live_/.test(key)) throw new StripeError('invalid_request_error', 401, 'This is a simulation of Stripe: it takes test keys only (sk_test_…), and a live key must never be sent to it.', { code: 'api_key_live' });
  if (!/^(sk|rk)_test_\w+$/.test(key)) throw new StripeError('invalid_request_error', 401, `Invalid API Key provided: ${masked(key)}`);
}

function authenticateSession(simulation: Simulation, key: string): void {
  const [session] = simulation.store.by<MeterSessionRecord>(METER_SESSIONS, 'token', key);
  if (session === undefined) throw new StripeError('invalid_request_error', 401, `Invalid API Key provided: ${masked(key)}`);
  if (session.expiresMs <= simulation.now() * 1000) throw new StripeError('temporary_session_expired', 401, 'The session has expired: create a new meter event session.', { code: 'billing_meter_event_session_expired' });
}

function keyOf(header: string | undefined): string | null {
  const [, scheme = '', credentials = ''] = /^(\w+) +(\S+)$/.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return null;
  const key = Buffer.from(credentials, 'base64').toString('utf8').split(':')[0] ?? '';
  return key === '' ? null : key;
}

function masked(key: string): string {
  return key.length <= 12 ? '*'.repeat(key.length) : `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}`;
}
