import { createHash } from 'node:crypto';
import type { OpenSimulation } from './open-simulation.ts';
import { StripeError } from './stripe-error.ts';

export const IDEMPOTENCY_KEYS = 'sim.idempotency_key';
const KEPT_MS = 24 * 3_600_000;
const MAX_KEY_CHARACTERS = 255;

/** The answer that was given under a key, as it left. */
export interface KeptAnswer {
  id: string;
  fingerprint: string;
  status: number;
  body: string;
  requestId: string;
  createdMs: number;
}

/** What makes two requests the same. */
export function fingerprintOf(method: string, pathname: string, raw: unknown): string {
  return createHash('sha256').update(JSON.stringify([method, pathname, sorted(raw)])).digest('base64url');
}

/** The answer that was given under this key within 24 hours of the account's time. @throws StripeError when it was given to another request. */
export function findKept(simulation: OpenSimulation, key: string, fingerprint: string): KeptAnswer | null {
  if (key.length > MAX_KEY_CHARACTERS) throw new StripeError('idempotency_error', 400, `Idempotency keys can be at most ${MAX_KEY_CHARACTERS} characters long.`);
  const kept = simulation.store.get<KeptAnswer>(IDEMPOTENCY_KEYS, key);
  if (kept === undefined || kept.createdMs + KEPT_MS <= simulation.nowMs()) return null;
  if (kept.fingerprint !== fingerprint) {
    throw new StripeError('idempotency_error', 400, `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`);
  }
  return kept;
}

export function keepAnswer(simulation: OpenSimulation, answer: Omit<KeptAnswer, 'createdMs'>): void {
  simulation.store.put<KeptAnswer>(IDEMPOTENCY_KEYS, { ...answer, createdMs: simulation.nowMs() });
}

export function purgeKept(simulation: OpenSimulation): void {
  const oldest = simulation.nowMs() - KEPT_MS;
  for (const { id, createdMs } of simulation.store.all<KeptAnswer>(IDEMPOTENCY_KEYS)) if (createdMs < oldest) simulation.store.remove(IDEMPOTENCY_KEYS, id);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, sorted(field)]));
}
