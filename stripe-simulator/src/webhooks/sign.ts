import { createHmac } from 'node:crypto';

/** The `Stripe-Signature` header: one `v1` per secret, so that a receiver who knows either of two takes it. */
export function signatureHeader(body: string, secrets: readonly string[], seconds: number): string {
  const signatures = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`);
  return [`t=${seconds}`, ...signatures].join(',');
}
