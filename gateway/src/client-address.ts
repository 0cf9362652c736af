import type { IncomingMessage } from 'node:http';

/** Where a request comes from. X-Forwarded-For is believed only as far as our own proxies wrote it: anyone can send the rest. */
export function clientAddress(raw: IncomingMessage, trustedProxies: number): string {
  const peer = raw.socket.remoteAddress ?? '';
  if (trustedProxies === 0) return peer;
  const forwarded = String(raw.headers['x-forwarded-for'] ?? '').split(',').map((entry) => entry.trim()).filter((entry) => entry !== '');
  return forwarded[Math.max(0, forwarded.length - trustedProxies)] ?? peer;
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}
