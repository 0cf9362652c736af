import type { KeyObject } from 'node:crypto';
import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Handler } from 'express';
import type pg from 'pg';
import { authenticate } from '../express-rest/app.ts';
import { generateLicense } from './licenses.ts';

/** The licenses of the product's first design documents: `GET /api/licenses/:customerId` reads, signs and logs. */
export function createApp(pool: pg.Pool, keys: { privateKey: KeyObject | string; publicKey: string }, options: { history: boolean }): RequestListener {
  const app = express();
  app.get('/api/licenses/public-key', (_request, response) => response.json({ publicKey: keys.publicKey }));
  app.get('/api/licenses/:customerId', authenticate(pool), answerLicense(pool, keys.privateKey, options));
  app.use(answerError);
  return app;
}

function answerLicense(pool: pg.Pool, privateKey: KeyObject | string, options: { history: boolean }): Handler {
  return async (request, response) => {
    const customerId = request.params['customerId'];
    if (typeof customerId !== 'string' || customerId !== response.locals['customerId']) return response.status(403).json({ error: 'Not your customer' });
    const license = await generateLicense(pool, privateKey, customerId, options);
    return license === null ? response.status(404).json({ error: 'No such customer' }) : response.json({ license });
  };
}

const answerError: ErrorRequestHandler = (_error, _request, response, _next) => response.status(500).json({ error: 'Internal error' });
