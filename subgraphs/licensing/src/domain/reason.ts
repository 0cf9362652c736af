import { AppError } from '@iotistic/contracts/errors';

const MAX_REASON_CHARACTERS = 500;

/** Why somebody did something, as it stands in history. @throws AppError INVALID_TEXT */
export function parseReason(text: string): string {
  const reason = text.trim();
  if (reason === '' || reason.length > MAX_REASON_CHARACTERS) throw new AppError('INVALID_INPUT', 'INVALID_TEXT', `A reason has 1 to ${MAX_REASON_CHARACTERS} characters.`);
  return reason;
}
