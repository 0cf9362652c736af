import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '@iotistic/chassis/clock';

/** What lets a browser in for an hour: nothing is kept here, so that any gateway knows it, and another admin token ends it. */
export interface QueueSession {
  /** The header that begins it. */
  begin(raw: IncomingMessage): string;
  /** The header that ends it. */
  end(): string;
  isOpen(raw: IncomingMessage): boolean;
}

const NAME = 'iotistic_queues';
const TTL_SECONDS = 3_600;
const ATTRIBUTES = 'Path=/admin/queues; HttpOnly; SameSite=Strict';

export function createQueueSession(options: { adminToken: string; clock: Clock }): QueueSession {
  const { adminToken, clock } = options;
  const nowSeconds = (): number => Math.floor(clock.now().getTime() / 1000);
  const sign = (until: string): Buffer => createHmac('sha256', adminToken).update(`iotistic-queue-session/1|${until}`).digest();

  return {
    begin(raw) {
      const until = String(nowSeconds() + TTL_SECONDS);
      return `${NAME}=${until}.${sign(until).toString('base64url')}; Max-Age=${TTL_SECONDS}; ${ATTRIBUTES}${cameByTls(raw) ? '; Secure' : ''}`;
    },
    end: () => `${NAME}=; Max-Age=0; ${ATTRIBUTES}`,
    isOpen(raw) {
      const [until = '', signature = ''] = (cookieOf(raw) ?? '').split('.', 2);
      const given = Buffer.from(signature, 'base64url');
      const expected = sign(until);
      return given.length === expected.length && timingSafeEqual(given, expected) && Number(until) > nowSeconds();
    },
  };
}

function cookieOf(raw: IncomingMessage): string | undefined {
  const cookies = (raw.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
}

/** Whoever forges the header gets a cookie that is kept more strictly. */
function cameByTls(raw: IncomingMessage): boolean {
  return 'encrypted' in raw.socket || raw.headers['x-forwarded-proto'] === 'https';
}
