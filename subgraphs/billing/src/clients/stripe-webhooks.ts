import { AppError } from '@iotistic/contracts/errors';
import { Stripe } from 'stripe';
import { STRIPE_API_VERSION } from './stripe.ts';

/** What a webhook says, as far as it is believed: who signed it may say what happened, the rest is read again. */
export interface ReceivedEvent {
  id: string;
  type: string;
  createdAt: Date;
  /** Of the object that it is about, and of its customer; null for a thin event. */
  objectId: string | null;
  stripeCustomerId: string | null;
  isTest: boolean;
  /** Of a snapshot that another version rendered; null when it is ours. */
  otherVersion: string | null;
}

const TOLERANCE_SECONDS = 300;
/** A request whose body anybody may make up: the key is not used. */
const stripe = new Stripe('sk_test_signatures_only');

/**
 * Reads a signed webhook. The signature is made of the raw bytes; it may be five minutes old or, by the other clock, as much
 * ahead. Secrets are tried in turn: during a rotation two are in use.
 * @throws AppError SIGNATURE_MISSING, SIGNATURE_INVALID, SIGNATURE_TOO_OLD, SIGNATURE_IN_FUTURE, MALFORMED_EVENT
 */
export function readWebhook(body: Buffer, header: string | undefined, secrets: readonly string[], now: Date): ReceivedEvent {
  if (header === undefined || header === '') throw new AppError('INVALID_INPUT', 'SIGNATURE_MISSING');
  if (!secrets.some((secret) => isSigned(body, header, secret))) throw new AppError('INVALID_INPUT', 'SIGNATURE_INVALID');
  checkTime(header, now);
  return parseEvent(body);
}

/** Of the time that was signed: where a header names several, the signature is of the last. */
function checkTime(header: string, now: Date): void {
  const seconds = Number([...header.matchAll(/(?:^|,)\s*t=(\d{1,12})(?=,|$)/g)].at(-1)?.[1] ?? Number.NaN);
  if (Number.isNaN(seconds)) throw new AppError('INVALID_INPUT', 'SIGNATURE_INVALID');
  const ageSeconds = now.getTime() / 1000 - seconds;
  if (ageSeconds > TOLERANCE_SECONDS) throw new AppError('INVALID_INPUT', 'SIGNATURE_TOO_OLD');
  if (ageSeconds < -TOLERANCE_SECONDS) throw new AppError('INVALID_INPUT', 'SIGNATURE_IN_FUTURE');
}

/** Whether one of the header's signatures is of this body and secret, whenever it was made: 0 leaves the time to us. */
function isSigned(body: Buffer, header: string, secret: string): boolean {
  const { signature } = stripe.webhooks;
  if (signature === null) throw new Error('the Stripe SDK cannot verify signatures here');
  try {
    return signature.verifyHeader(body, header, secret, 0);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false;
    throw error;
  }
}

interface Snapshot {
  id?: unknown;
  object?: unknown;
  type?: unknown;
  created?: unknown;
  livemode?: unknown;
  api_version?: unknown;
  data?: { object?: { id?: unknown; object?: unknown; customer?: unknown } };
}

function parseEvent(body: Buffer): ReceivedEvent {
  let event: Snapshot;
  try {
    event = JSON.parse(body.toString('utf8')) as Snapshot;
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'MALFORMED_EVENT', undefined, { cause });
  }
  if (typeof event !== 'object' || event === null || typeof event.id !== 'string' || typeof event.type !== 'string' || (event.object !== 'event' && event.object !== 'v2.core.event')) throw new AppError('INVALID_INPUT', 'MALFORMED_EVENT');
  const shared = { id: event.id, type: event.type, isTest: event.livemode !== true };
  if (event.object === 'v2.core.event') return { ...shared, createdAt: new Date(String(event.created)), objectId: null, stripeCustomerId: null, otherVersion: null };
  return { ...shared, ...aboutWhom(event), createdAt: new Date(Number(event.created) * 1000), otherVersion: event.api_version === STRIPE_API_VERSION ? null : String(event.api_version) };
}

/** Of an event as the API lists it. */
export function readListedEvent(event: Stripe.Event): ReceivedEvent {
  return { id: event.id, type: event.type, isTest: !event.livemode, ...aboutWhom(event as unknown as Snapshot), createdAt: new Date(event.created * 1000), otherVersion: null };
}

function aboutWhom({ data }: Snapshot): { objectId: string | null; stripeCustomerId: string | null } {
  const object = data?.object ?? {};
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const customer = object.object === 'customer' ? object.id : typeof object.customer === 'object' && object.customer !== null ? (object.customer as { id?: unknown }).id : object.customer;
  return { objectId: text(object.id), stripeCustomerId: text(customer) };
}
