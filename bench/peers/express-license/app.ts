import type { KeyObject } from 'node:crypto';
import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler } from 'express';
import type pg from 'pg';
import { authenticate } from '../express-rest/app.ts';
import { generateLicense } from './licenses.ts';

/** The licenses of the product's first design documents: `GET /api/licenses/:customerId` reads, signs and logs. */
export function createApp(pool: pg.Pool, keys: { privateKey: KeyObject; publicKey: KeyObject }, options: { history: boolean }): RequestListener {
  const app = express();
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

  app.get('/api/licenses/public-key', (_request, response) => response.json({ publicKey }));
  app.get('/api/licenses/:customerId', authenticate(pool), async (request, response) => {
    const customerId = request.params['customerId'];
    if (typeof customerId !== 'string' || customerId !== response.locals['customerId']) return response.status(403).json({ error: 'Not your customer' });
    const license = await generateLicense(pool, keys.privateKey, customerId, options);
    return license === null ? response.status(404).json({ error: 'No such customer' }) : response.json({ license });
  });
  app.use(answerError);
  return app;
}

const answerError: ErrorRequestHandler = (_error, _request, response, _next) => response.status(500).json({ error: 'Internal error' });
