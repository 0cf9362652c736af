import { AppError } from '@iotistic/contracts/errors';

/** Where this plane sends browsers on to. */
export interface ReturnRule {
  /** Sites, as `https://console.example`. */
  origins: ReadonlySet<string>;
  /** Whether any port of one's own machine will do: for trying things out. */
  allowsLoopback: boolean;
}

const MAX_LENGTH = 2_000;
/** Stripe puts the checkout's id there: it has to stay as it is. */
const PLACEHOLDER = '{CHECKOUT_SESSION_ID}';
/** Scheme, two slashes, and a host: what browsers read into less is theirs alone (`https:/\evil.example`). */
const ABSOLUTE = /^https?:\/\/[^/\\?#]/i;
/** Control characters and line separators, of which URL drops some without a word; a backslash, which browsers take for a slash. */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\\]/u;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export function returnRuleOf(config: { CONSOLE_URL: string; RETURN_ORIGINS: readonly string[]; STRIPE_API_URL?: string | undefined }): ReturnRule {
  const console = new URL(config.CONSOLE_URL);
  return {
    origins: new Set([console.origin, ...config.RETURN_ORIGINS.map((origin) => new URL(origin).origin)]),
    allowsLoopback: config.STRIPE_API_URL !== undefined || LOOPBACK.test(console.hostname),
  };
}

/**
 * An address that a browser is sent to, as every browser reads it. Stripe's own placeholder may be in it.
 * @throws AppError INVALID_URL, URL_NOT_ALLOWED
 */
export function checkWebAddress(text: string, field: string, rule: ReturnRule): string {
  const refusal = (): AppError => new AppError('INVALID_INPUT', 'INVALID_URL', undefined, { details: { field } });
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH || UNSAFE.test(trimmed) || !ABSOLUTE.test(trimmed) || !URL.canParse(trimmed)) throw refusal();
  const url = new URL(trimmed);
  if (url.username !== '' || url.password !== '') throw refusal();
  if (!rule.origins.has(url.origin) && !(rule.allowsLoopback && LOOPBACK.test(url.hostname))) throw new AppError('INVALID_INPUT', 'URL_NOT_ALLOWED', undefined, { details: { field } });
  const address = url.href.replaceAll(encodeURIComponent(PLACEHOLDER), PLACEHOLDER);
  if (address.length > MAX_LENGTH) throw refusal();
  return address;
}
