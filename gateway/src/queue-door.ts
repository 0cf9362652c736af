import type { Clock } from '@iotistic/chassis/clock';
import type { HttpAnswer, HttpRequest, SocketRoute } from '@iotistic/chassis/http-server';
import type { QueueOverview } from '@iotistic/chassis/queue-overview';
import { AppError } from '@iotistic/contracts/errors';
import { type Authenticate, type Credentials, credentialsOf } from './authenticate.ts';
import { clientAddress } from './client-address.ts';
import { BOARD_PATH, createQueueBoard, type QueueBoard } from './queue-board.ts';
import { logInPage } from './queue-log-in-page.ts';
import { createQueueSession, type QueueSession } from './queue-session.ts';
import type { RateLimits } from './rate-limits.ts';

export interface QueueDoorParts {
  queues: QueueOverview;
  adminToken: string;
  authenticate: Authenticate;
  rateLimits: RateLimits;
  trustedProxies: number;
  clock: Clock;
}

const MAX_FORM_BYTES = 64 * 1024;
const SAFE_METHODS = new Set(['GET', 'HEAD']);

/**
 * The board of the job queues, for the operator alone: with a bearer, or in a browser with a cookie that the admin token buys.
 * A cookie goes with whatever a browser sends, so that what changes something counts from our own pages only.
 */
export function queueDoor(parts: QueueDoorParts): Record<string, SocketRoute> {
  const door = new QueueDoor(parts);
  return {
    [`POST ${BOARD_PATH}/log-in`]: (request) => door.logIn(request),
    [`GET ${BOARD_PATH}/log-out`]: () => door.logOut(),
    [`* ${BOARD_PATH}`]: (request) => door.show(request),
    [`* ${BOARD_PATH}/*`]: (request) => door.show(request),
  };
}

class QueueDoor {
  readonly #parts: QueueDoorParts;
  readonly #session: QueueSession;
  readonly #board: QueueBoard;

  constructor(parts: QueueDoorParts) {
    this.#parts = parts;
    this.#session = createQueueSession(parts);
    this.#board = createQueueBoard(parts.queues);
  }

  async show(request: HttpRequest): Promise<HttpAnswer | null> {
    const { raw } = request;
    const credentials = credentialsOf(raw.headers);
    if (credentials.authorization !== undefined || credentials.apiKey !== undefined) await this.#requireAdmin(request, credentials);
    else if (!this.#session.isOpen(raw)) return askForLogIn(request);
    else if (!SAFE_METHODS.has(request.method)) this.#requireOwnPage(request);
    await this.#board.serve(raw, request.takeResponse());
    return null;
  }

  async logIn(request: HttpRequest): Promise<HttpAnswer> {
    if (request.raw.headers.origin !== undefined || request.raw.headers['sec-fetch-site'] !== undefined) this.#requireOwnPage(request);
    const token = new URLSearchParams((await request.body(MAX_FORM_BYTES)).toString('utf8')).get('token')?.trim() ?? '';
    try {
      await this.#requireAdmin(request, { authorization: `Bearer ${token}` });
    } catch (error) {
      if (!(error instanceof AppError) || (error.code !== 'UNAUTHENTICATED' && error.code !== 'FORBIDDEN')) throw error;
      return logInPage(error.code === 'FORBIDDEN' ? 403 : 401, error.code === 'FORBIDDEN' ? 'Only the operator may see the queues.' : 'This is not the admin token.');
    }
    return { status: 303, headers: { location: BOARD_PATH, 'set-cookie': this.#session.begin(request.raw), 'cache-control': 'no-store' } };
  }

  logOut(): HttpAnswer {
    return { status: 303, headers: { location: BOARD_PATH, 'set-cookie': this.#session.end(), 'cache-control': 'no-store' } };
  }

  async #requireAdmin({ raw }: HttpRequest, credentials: Credentials): Promise<void> {
    try {
      const { caller } = await this.#parts.authenticate(credentials);
      if (caller.kind !== 'admin') throw new AppError('FORBIDDEN', 'ADMIN_ONLY');
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAUTHENTICATED') await this.#parts.rateLimits.countAnonymous(clientAddress(raw, this.#parts.trustedProxies));
      throw error;
    }
  }

  /** Browsers say where a change comes from, the newer ones in a word of their own; what says nothing came from no page of ours. */
  #requireOwnPage({ raw }: HttpRequest): void {
    const { origin, host, 'sec-fetch-site': site } = raw.headers;
    const isOurs = site === undefined ? origin !== undefined && URL.canParse(origin) && new URL(origin).host === host : site === 'same-origin';
    if (!isOurs) throw new AppError('FORBIDDEN', 'ORIGIN_NOT_ALLOWED');
  }
}

/** A person gets the form; the page's own calls, and scripts, the error. */
function askForLogIn({ method, headers }: HttpRequest): HttpAnswer {
  if (method === 'GET' && headers.accept?.includes('text/html') === true) return logInPage(401);
  throw new AppError('UNAUTHENTICATED', 'CREDENTIAL_REQUIRED');
}
