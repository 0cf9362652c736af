import type { OpenSimulation } from '../open-simulation.ts';
import { randomText } from '../random-id.ts';
import { type EndpointRecord, EVENT_DESTINATIONS, WEBHOOK_ENDPOINTS } from './endpoint-records.ts';

export function newSecret(): string {
  return `whsec_${randomText(32)}`;
}

/** A new secret; the old one signs beside it for so many of the account's seconds. */
export function rollSecret(simulation: OpenSimulation, endpoint: EndpointRecord, overlapSeconds: number): string {
  const secret = newSecret();
  const rolled = { secret: endpoint.internal.secret, untilMs: simulation.nowMs() + overlapSeconds * 1_000 };
  simulation.store.put<EndpointRecord>(endpoint.object === 'webhook_endpoint' ? WEBHOOK_ENDPOINTS : EVENT_DESTINATIONS, { ...endpoint, internal: { ...endpoint.internal, secret, rolled } });
  return secret;
}
