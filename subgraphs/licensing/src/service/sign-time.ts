import { AppError } from '@iotistic/contracts/errors';
import { LICENSE_ISSUER } from '@iotistic/contracts/license';
import { type SignedTime, TIME_TYPE } from '@iotistic/contracts/signed-time';
import type { LicensingApp } from '../app.ts';

const NONCE = /^[A-Za-z0-9_-]{16,64}$/;

/** @throws AppError INVALID_NONCE */
export function parseNonce(nonce: string | null | undefined): string | null {
  if (nonce === null || nonce === undefined) return null;
  if (!NONCE.test(nonce)) throw new AppError('INVALID_INPUT', 'INVALID_NONCE');
  return nonce;
}

/**
 * The time, for this one question. Instances ask for it only when their clock is to be corrected: it costs a signature,
 * and a time without one could be anybody's.
 */
export function signTime(app: Pick<LicensingApp, 'signing'>, question: { customerId: string; instance: string; nonce: string }, now: Date): Promise<string> {
  const time: SignedTime = { iss: LICENSE_ISSUER, sub: question.customerId, instance: question.instance, nonce: question.nonce, now: now.getTime() };
  return app.signing.current().sign(TIME_TYPE, time);
}
