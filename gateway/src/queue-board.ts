import type { IncomingMessage, ServerResponse } from 'node:http';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { QueueOverview } from '@iotistic/chassis/queue-overview';
import { AppError } from '@iotistic/contracts/errors';
import express, { type Express } from 'express';
import { OWN_REFERRER } from './queue-log-in-page.ts';

/** Where the board is; its page finds all it loads from there. */
export const BOARD_PATH = '/admin/queues';

/** Serves Bull Board to whoever was let in. */
export interface QueueBoard {
  /** Writes the whole answer. @throws AppError QUEUES_UNAVAILABLE, ROUTE_NOT_FOUND */
  serve(raw: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Bull Board's page uses styles in its elements, and nothing of anybody else's. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
const OUTSIDE_LINK = /<link href="https?:\/\/[^>]*>/g;

export function createQueueBoard(queues: QueueOverview): QueueBoard {
  const adapter = new ExpressAdapter().setBasePath(BOARD_PATH);
  const board = createBullBoard({
    queues: [],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Iotistic queues', hideDocsLink: true, miscLinks: [{ text: 'Log out', url: `${BOARD_PATH}/log-out` }] } },
  });
  const app = express().disable('x-powered-by').use(BOARD_PATH, withoutOutsideLinks(adapter.getRouter() as Express));

  /** Queues come and go with the parts that work them: each look shows those that there are. */
  async function refresh(): Promise<void> {
    const names = await queues.names();
    board.replaceQueues(names.map((name) => new BullMQAdapter(queues.boardQueue(name))));
  }

  return {
    async serve(raw, response) {
      if (raw.url?.startsWith(`${BOARD_PATH}/api/`) === true) await refresh();
      response.setHeader('content-security-policy', POLICY);
      for (const [name, value] of Object.entries(OWN_REFERRER)) response.setHeader(name, value);
      if (raw.url?.startsWith(`${BOARD_PATH}/static/`) !== true) response.setHeader('cache-control', 'no-store');
      await new Promise<void>((resolve, reject) => {
        response.once('close', resolve);
        app(raw as never, response as never, (error?: unknown) => reject(error === undefined ? new AppError('NOT_FOUND', 'ROUTE_NOT_FOUND') : (error as Error)));
      });
    },
  };
}

/** The page asks Google for its fonts: without, it is shown in the system's, and nobody outside hears that it is read. */
function withoutOutsideLinks(router: Express): Express {
  const engine = (router as unknown as { engines: Record<string, Engine> }).engines['.ejs'] as Engine;
  router.disable('x-powered-by').engine('ejs', (path, options, done) => {
    engine(path, options, (error, html) => done(error, html?.replaceAll(OUTSIDE_LINK, '')));
  });
  return router;
}

type Engine = (path: string, options: object, done: (error: unknown, html?: string) => void) => void;
