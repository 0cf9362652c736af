import { z } from 'zod';
import { LICENSE_ISSUER } from './license.ts';
import { type FindLicenseKey, readSignedDocument } from './signed-document.ts';

export const TIME_TYPE = 'time+jwt';

export const signedTimeSchema = z.object({
  iss: z.literal(LICENSE_ISSUER),
  /** The customer's id. */
  sub: z.string(),
  /** The instance's name. */
  instance: z.string(),
  /** As the instance chose it for this one question: yesterday's answer does not fit. */
  nonce: z.string(),
  /** Milliseconds since 1970. */
  now: z.number().int().nonnegative().max(253_402_300_799_999),
});
export type SignedTime = z.infer<typeof signedTimeSchema>;

/** The control plane's time, if this text was signed for this question; else null. */
export function verifySignedTime(token: string, asked: { nonce: string; instance: string }, findKey: FindLicenseKey): Date | null {
  const document = readSignedDocument(token, { type: TIME_TYPE, maxCharacters: 4_096, findKey });
  const parsed = document.state === 'GOOD' ? signedTimeSchema.safeParse(document.payload) : null;
  return parsed?.success === true && parsed.data.nonce === asked.nonce && parsed.data.instance === asked.instance ? new Date(parsed.data.now) : null;
}
