import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { epochSeconds, LICENSE_ISSUER } from './license.ts';
import { decodeCanonical, type FindLicenseKey, readCanonicalJson, readSignedDocument } from './signed-document.ts';
import { unwrapToken } from './wrapped-token.ts';

/**
 * The two files of an instance without a network. The instance's own key (Ed25519, made on first use) signs what it
 * brings out; the control plane's license key signs what goes back in.
 */
export const USAGE_FILE_TYPE = 'usage-file+jwt';
export const ANSWER_FILE_TYPE = 'usage-answer+jwt';
const USAGE_FILE_ALGORITHM = 'EdDSA';
/** Reports in one file; a longer backlog becomes several files. */
export const MAX_REPORTS_PER_FILE = 5_000;
export const MAX_FILE_CHARACTERS = 1_000_000;
/** A file that a mail or an editor wrapped. */
const MAX_WRAPPED_CHARACTERS = 2 * MAX_FILE_CHARACTERS;
/** What a file may unpack to: a small one that unpacks to gigabytes is refused before it does. */
const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;

/** The instance's public key (RFC 8037), in the header: the first file of an instance makes it known, the next must carry the same. */
const instanceKey = z.object({ crv: z.literal('Ed25519'), kty: z.literal('OKP'), x: z.string() });
const usageFileHeader = z.strictObject({ alg: z.literal(USAGE_FILE_ALGORITHM), typ: z.literal(USAGE_FILE_TYPE), zip: z.literal('DEF'), jwk: instanceKey });

export const usageFileSchema = z.object({
  /** Names this file: its answer says it again. */
  fileId: z.string().min(1).max(64),
  customerId: z.string(),
  instance: z.string(),
  agentVersion: z.string(),
  /** By the instance's clock. */
  exportedAt: epochSeconds,
  /** The license that the instance holds, by id. */
  holding: z.string().nullable(),
  reports: z.array(z.record(z.string(), z.unknown())).max(MAX_REPORTS_PER_FILE),
});
export type UsageFile = z.infer<typeof usageFileSchema>;

const verdicts = z.object({ accepted: z.number().int(), late: z.number().int(), duplicates: z.number().int(), rejected: z.array(z.object({ reportId: z.string(), reason: z.string(), message: z.string() })) });

export const answerFileSchema = z.object({
  iss: z.literal(LICENSE_ISSUER),
  iat: epochSeconds,
  fileId: z.string(),
  customerId: z.string(),
  instance: z.string(),
  /** The reports of the file have these verdicts: all that it carried are settled. */
  verdicts,
  /** Null where the customer has none. */
  license: z.string().nullable(),
  revocationList: z.string(),
  /** Announcements of the signing keys, each signed with the one before. */
  signingKeys: z.array(z.string()),
});
export type AnswerFile = z.infer<typeof answerFileSchema>;

export type FileRefusal = 'MALFORMED' | 'TAMPERED' | 'UNKNOWN_KEY' | 'TOO_LARGE';
export type FileVerdict<T> = { state: 'GOOD'; content: T } | { state: FileRefusal };

/** @throws RangeError for a file that would be larger than what is taken. */
export function writeUsageFile(content: UsageFile, privateKey: KeyObject): string {
  const { crv, kty, x } = createPublicKey(privateKey).export({ format: 'jwk' });
  const header = Buffer.from(JSON.stringify({ alg: USAGE_FILE_ALGORITHM, typ: USAGE_FILE_TYPE, zip: 'DEF', jwk: { crv, kty, x } })).toString('base64url');
  const signed = `${header}.${deflateRawSync(JSON.stringify(content)).toString('base64url')}`;
  const file = `${signed}.${sign(null, Buffer.from(signed, 'ascii'), privateKey).toString('base64url')}`;
  if (file.length > MAX_FILE_CHARACTERS) throw new RangeError('A usage file is larger than 1,000,000 characters');
  return file;
}

/**
 * Reads what an instance brought out; nothing is unpacked before its signature is good. TAMPERED: not what the key in it
 * signed. Whether that key is the instance's is for the reader to know: it is told as `instanceKey`.
 */
export function readUsageFile(text: string): FileVerdict<UsageFile & { instanceKey: string }> {
  if (text.length > MAX_WRAPPED_CHARACTERS) return { state: 'TOO_LARGE' };
  const file = unwrapToken(text);
  if (file.length > MAX_FILE_CHARACTERS) return { state: 'TOO_LARGE' };
  const segments = file.split('.', 4);
  const [head = '', body = '', tail = ''] = segments;
  const header = usageFileHeader.safeParse(readCanonicalJson(decodeCanonical(head)));
  const [packed, signature] = [decodeCanonical(body), decodeCanonical(tail)];
  if (segments.length !== 3 || !header.success || packed === null || signature === null) return { state: 'MALFORMED' };
  const key = toPublicKey(header.data.jwk);
  if (key === null) return { state: 'MALFORMED' };
  if (!verify(null, Buffer.from(`${head}.${body}`, 'ascii'), key, signature)) return { state: 'TAMPERED' };
  const content = unpack(packed);
  return content === null ? { state: 'MALFORMED' } : { state: 'GOOD', content: { ...content, instanceKey: header.data.jwk.x } };
}

function toPublicKey(jwk: z.infer<typeof instanceKey>): KeyObject | null {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return null;
  }
}

function unpack(packed: Buffer): UsageFile | null {
  try {
    const parsed = usageFileSchema.safeParse(JSON.parse(inflateRawSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES }).toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Reads what the control plane sent back. */
export function readAnswerFile(text: string, findKey: FindLicenseKey): FileVerdict<AnswerFile> {
  const document = readSignedDocument(unwrapToken(text), { type: ANSWER_FILE_TYPE, maxCharacters: MAX_FILE_CHARACTERS * 4, findKey });
  if (document.state === 'BAD_SIGNATURE') return { state: 'TAMPERED' };
  if (document.state !== 'GOOD') return { state: document.state };
  const parsed = answerFileSchema.safeParse(document.payload);
  return parsed.success ? { state: 'GOOD', content: parsed.data } : { state: 'MALFORMED' };
}
