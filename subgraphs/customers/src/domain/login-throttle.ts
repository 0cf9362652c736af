import { isIPv6 } from 'node:net';
import { credentialHash } from './credential.ts';

/** Failed log-ins that one device or address may have for an account within the window. */
export const MAX_FAILURES_OF_A_PLACE = 10;
/** Failed log-ins that an account may have within the window from all places that never logged in to it. */
export const MAX_FAILURES_OF_STRANGERS = 100;
const WINDOW_MS = 15 * 60_000;
/** Hextets of the network that one household or office has in IPv6 (RFC 6177). */
const IPV6_NETWORK_HEXTETS = 4;

/** Failures before this instant no longer count. */
export function windowStart(now: Date): Date {
  return new Date(now.getTime() - WINDOW_MS);
}

/**
 * Seconds until the next attempt; null when it may be made now.
 * @param failures the latest failures within the window, newest first.
 * @param maximum failures that the window may have.
 */
export function retryAfterSeconds(failures: readonly Date[], maximum: number, now: Date): number | null {
  const oldest = failures[maximum - 1];
  if (oldest === undefined || oldest <= windowStart(now)) return null;
  return Math.ceil((oldest.getTime() + WINDOW_MS - now.getTime()) / 1_000);
}

/** The hash under which failures from this address are counted. All addresses of one IPv6 network are one. */
export function addressMark(address: string | null): string {
  return credentialHash(`address:${networkOf(address ?? '')}`);
}

function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail = ''] = new URL(`http://[${plain}]/`).hostname.slice(1, -1).split('::');
  const [left, right] = [head, tail].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]];
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, IPV6_NETWORK_HEXTETS).join(':');
}
