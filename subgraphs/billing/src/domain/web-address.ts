import { AppError } from '@iotistic/contracts/errors';

const MAX_LENGTH = 2_000;

/** An address that a browser is sent to. Stripe's own placeholder may be in it. @throws AppError INVALID_URL */
export function checkWebAddress(text: string, field: string): string {
  const refusal = (): AppError => new AppError('INVALID_INPUT', 'INVALID_URL', undefined, { details: { field } });
  if (text.length > MAX_LENGTH || !URL.canParse(text)) throw refusal();
  const { protocol, username } = new URL(text);
  if ((protocol !== 'https:' && protocol !== 'http:') || username !== '') throw refusal();
  return text;
}
