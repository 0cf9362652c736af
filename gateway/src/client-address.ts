import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/** Where a request comes from. X-Forwarded-For is believed only as far as our own proxies wrote it: anyone can send the rest. */
export function clientAddress(raw: IncomingMessage, trustedProxies: number): string {
  const peer = raw.socket.remoteAddress ?? '';
  if (trustedProxies === 0) return peer;
  const forwarded = String(raw.headers['x-forwarded-for'] ?? '').split(',').map((entry) => entry.trim()).filter((entry) => entry !== '');
  return forwarded[Math.max(0, forwarded.length - trustedProxies)] ?? peer;
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const NETWORK_GROUPS = 4;
const GROUPS = 8;

/** Whom an address counts for: itself in IPv4, its /64 in IPv6, of which every host has all the addresses. */
export function networkOf(address: string): string {
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [bare = ''] = address.split('%', 1);
  if (!isIPv6(bare)) return address;
  const [head = '', tail] = bare.split('::', 2);
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, GROUPS - front.length - back.length) }, () => '0');
  const groups = [...front, ...zeros, ...back].slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
