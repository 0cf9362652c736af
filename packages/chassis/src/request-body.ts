import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { AppError } from '@iotistic/contracts/errors';

type Coding = 'br' | 'deflate' | 'gzip';

/** What a body may be compressed by; sent with each refusal of another. */
const ACCEPTED_CODINGS = 'gzip, deflate, br';
const CODINGS: ReadonlyMap<string, Coding | null> = new Map([['identity', null], ['', null], ['gzip', 'gzip'], ['x-gzip', 'gzip'], ['deflate', 'deflate'], ['br', 'br']]);
const decoders = { br: promisify(brotliDecompress), gzip: promisify(gunzip), inflate: promisify(inflate), inflateRaw: promisify(inflateRaw) };

/**
 * The whole body of a request, as it was before it was compressed; not larger than is allowed, neither as it comes nor as it is.
 * @param onWanted called before the first byte is waited for.
 * @throws AppError BODY_TOO_LARGE, UNSUPPORTED_ENCODING, MALFORMED_ENCODING, MALFORMED_REQUEST
 */
export function readBody(raw: IncomingMessage, maxBytes: number, onWanted?: () => void): Promise<Buffer> {
  const named = raw.headers['content-encoding'];
  const coding = named === undefined ? null : CODINGS.get(named.trim().toLowerCase());
  if (coding === undefined) return Promise.reject(new AppError('INVALID_INPUT', 'UNSUPPORTED_ENCODING', undefined, { details: { accepted: ACCEPTED_CODINGS } }));
  if (Number(raw.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  onWanted?.();
  const sent = collect(raw, maxBytes);
  return coding === null ? sent : sent.then((bytes) => decode(bytes, coding, maxBytes));
}

/** For a body whose very bytes are signed: whoever compressed it signed something else. @throws AppError UNSUPPORTED_ENCODING */
export function requireUncompressed(headers: IncomingHttpHeaders): void {
  const named = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (CODINGS.get(named) !== null) throw new AppError('INVALID_INPUT', 'UNSUPPORTED_ENCODING', 'What is signed is sent uncompressed.', { details: { accepted: 'identity' } });
}

function collect(raw: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const cutShort = (): AppError => new AppError('INVALID_INPUT', 'MALFORMED_REQUEST', 'The request ended before its body did.');
  // A client that gave up before its body was waited for is not heard of again.
  if (raw.destroyed && !raw.complete) return Promise.reject(cutShort());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    raw.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        raw.removeAllListeners('data');
        reject(tooLarge(maxBytes));
      } else {
        chunks.push(chunk);
      }
    });
    raw.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    raw.on('error', reject);
    raw.on('aborted', () => reject(cutShort()));
  });
}

/** Stops at the limit, however much more would come of so few bytes. */
async function decode(sent: Buffer, coding: Coding, maxBytes: number): Promise<Buffer> {
  const decoder = coding === 'deflate' ? (hasZlibHeader(sent) ? 'inflate' : 'inflateRaw') : coding;
  try {
    return await decoders[decoder](sent, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new AppError('INVALID_INPUT', 'MALFORMED_ENCODING', undefined, { cause: error });
  }
}

/** `deflate` means zlib's format; some clients send what is within it. */
function hasZlibHeader([first = 0, second = 0]: Buffer): boolean {
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('LIMIT_EXCEEDED', 'BODY_TOO_LARGE', undefined, { details: { maxBytes } });
}
