import { AppError } from '@iotistic/contracts/errors';
import { Stripe } from 'stripe';
import { z } from 'zod';
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

/** As Stripe makes its ids and its words: `evt_1PgM…`, `customer.subscription.updated`. */
const word = z.string().regex(/^[\x21-\x7e]{1,255}$/);
/** What there can be in time: Stripe began in 2010, and 2100 is far enough. */
const seconds = z.number().int().min(1_262_304_000).max(4_102_444_800);
const instant = z.iso.datetime({ offset: true });
/** An id of the object that an event is about, or the object itself where it is expanded; others have none. */
const reference = z.union([word, z.looseObject({ id: word }).transform(({ id }) => id)]).nullish();

const about = z.looseObject({ id: word.nullish(), object: word, customer: reference });
const snapshot = z.looseObject({ id: word, object: z.literal('event'), type: word, created: seconds, livemode: z.boolean(), api_version: word.nullish(), data: z.looseObject({ object: about }) });
const thin = z.looseObject({ id: word, object: z.literal('v2.core.event'), type: word, created: instant, livemode: z.boolean() });
const anyEvent = z.discriminatedUnion('object', [snapshot, thin]);

/** @throws AppError MALFORMED_EVENT for what Stripe never sends: it would be stored, and fail each time it is looked at. */
function parseEvent(body: Buffer): ReceivedEvent {
  const parsed = anyEvent.safeParse(jsonOf(body));
  if (!parsed.success) throw new AppError('INVALID_INPUT', 'MALFORMED_EVENT', undefined, { details: { path: (parsed.error.issues[0]?.path ?? []).join('.') } });
  const { data: event } = parsed;
  const shared = { id: event.id, type: event.type, isTest: !event.livemode };
  if (event.object === 'v2.core.event') return { ...shared, createdAt: new Date(event.created), objectId: null, stripeCustomerId: null, otherVersion: null };
  const version = event.api_version ?? null;
  return { ...shared, ...aboutWhom(event.data.object), createdAt: new Date(event.created * 1000), otherVersion: version === STRIPE_API_VERSION ? null : String(version) };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'MALFORMED_EVENT', undefined, { cause });
  }
}

/** Of an event as the API lists it; null for one that is not as Stripe makes them, which nothing can be done with. */
export function readListedEvent(event: Stripe.Event): ReceivedEvent | null {
  const parsed = snapshot.safeParse(event);
  if (!parsed.success) return null;
  const { id, type, livemode, created, data } = parsed.data;
  return { id, type, isTest: !livemode, ...aboutWhom(data.object), createdAt: new Date(created * 1000), otherVersion: null };
}

function aboutWhom({ id = null, object, customer = null }: z.output<typeof about>): { objectId: string | null; stripeCustomerId: string | null } {
  return { objectId: id, stripeCustomerId: object === 'customer' ? id : customer };
}
