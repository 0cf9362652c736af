/** The body is longer than is accepted. */
export class BodyTooLongError extends Error {
  constructor(limitBytes: number) {
    super(`the answer is longer than ${limitBytes} bytes`);
    this.name = 'BodyTooLongError';
  }
}

/**
 * An answer's bytes, decoded as its Content-Encoding says, of which no more than the limit is ever held in memory.
 * @throws BodyTooLongError
 */
export async function readLimitedBytes(response: Response, limitBytes: number): Promise<Buffer> {
  if (response.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body: AsyncIterable<Uint8Array> = response.body;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) throw new BodyTooLongError(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The same as text. @throws BodyTooLongError */
export async function readLimitedText(response: Response, limitBytes: number): Promise<string> {
  return (await readLimitedBytes(response, limitBytes)).toString('utf8');
}
