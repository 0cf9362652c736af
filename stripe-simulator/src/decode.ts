import type { IncomingMessage } from 'node:http';
import qs from 'qs';
import { StripeError } from './stripe-error.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_DEPTH = 8;
const MAX_ARRAY = 500;
const MAX_PARAMETERS = 2_000;

/** The body as bytes. @throws StripeError (413) when it is larger than anybody's. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) throw new StripeError('invalid_request_error', 413, `Request body is larger than ${MAX_BODY_BYTES} bytes`);
  return Buffer.concat(chunks);
}

/** `items[0][price]=…` as nested objects, lists and texts. @throws StripeError */
export function decodeForm(text: string): Record<string, unknown> {
  try {
    if (namesPrototype(text)) throw new RangeError('a parameter name is reserved');
    return qs.parse(text, { depth: MAX_DEPTH, strictDepth: true, arrayLimit: MAX_ARRAY, parameterLimit: MAX_PARAMETERS, throwOnLimitExceeded: true, plainObjects: true, duplicates: 'last', interpretNumericEntities: false });
  } catch (error) {
    throw StripeError.invalid(`Invalid request body: ${error instanceof Error ? error.message : 'it cannot be read'}`);
  }
}

/** A JSON object, or none at all. @throws StripeError */
export function decodeJson(text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  const body = parse(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw StripeError.invalid('Invalid request body: it must be a JSON object');
  return body as Record<string, unknown>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (key === '__proto__') throw new SyntaxError('a parameter name is reserved');
      return value;
    });
  } catch (error) {
    throw StripeError.invalid(`Invalid request body: ${error instanceof Error ? error.message : 'it is not JSON'}`);
  }
}

function namesPrototype(text: string): boolean {
  return text.split('&').some((pair) => decodeURIComponent((pair.split('=')[0] ?? '').replaceAll('+', ' ')).includes('__proto__'));
}
