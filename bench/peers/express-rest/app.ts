import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Handler } from 'express';
import type pg from 'pg';
import { z } from 'zod';
import { createKeyCheck } from './api-keys.ts';
import { insertReport, insertReports } from './usage-reports.ts';

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** The body of `POST /api/usage/report` as the product's first design documents have it. */
const usageReport = z.object({
  customer_id: z.string().min(1).max(255),
  instance_id: z.string().min(1).max(255),
  timestamp: z.iso.datetime(),
  active_devices: count,
  total_devices: count,
  mqtt_messages_published: count.default(0),
  mqtt_messages_received: count.default(0),
  mqtt_bytes_sent: count.default(0),
  mqtt_bytes_received: count.default(0),
  http_requests: count.default(0),
  http_bytes_sent: count.default(0),
  http_bytes_received: count.default(0),
  postgres_size_mb: z.number().nonnegative().default(0),
  postgres_row_count: count.default(0),
});

const usageReports = z.object({ reports: z.array(usageReport).min(1).max(1000) });

export type UsageReport = z.output<typeof usageReport>;

/** The service that a team would write first: one route, one row, one commit. */
export function createApp(pool: pg.Pool, options: { prepared: boolean }): RequestListener {
  const app = express();
  app.use(express.json({ limit: '2mb' }));
  const authenticated = authenticate(pool);

  app.post('/api/usage/report', authenticated, reportOne(pool, options.prepared ? 'insert-report' : undefined));
  // Not in the design documents: what the same team would add for an agent that was offline.
  app.post('/api/usage/reports', authenticated, reportMany(pool));
  app.get('/healthz', (_request, response) => response.json({ status: 'ok' }));
  app.use(answerError);
  return app;
}

function reportOne(pool: pg.Pool, statementName: string | undefined): Handler {
  return async (request, response) => {
    const report = usageReport.parse(request.body);
    if (report.customer_id !== response.locals['customerId']) return response.status(403).json({ error: 'Not your customer' });
    return response.status(201).json({ message: 'Usage reported successfully', report: await insertReport(pool, report, statementName) });
  };
}

function reportMany(pool: pg.Pool): Handler {
  return async (request, response) => {
    const { reports } = usageReports.parse(request.body);
    if (reports.some((report) => report.customer_id !== response.locals['customerId'])) return response.status(403).json({ error: 'Not your customer' });
    return response.status(201).json({ message: 'Usage reported successfully', accepted: await insertReports(pool, reports) });
  };
}

export function authenticate(pool: pg.Pool): Handler {
  const findCustomer = createKeyCheck(pool);
  return async (request, response, next) => {
    const key = request.get('x-api-key');
    if (key === undefined) return response.status(401).json({ error: 'API key required' });
    const customerId = await findCustomer(key);
    if (customerId === null) return response.status(401).json({ error: 'Invalid API key' });
    response.locals['customerId'] = customerId;
    return next();
  };
}

const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
  if (error instanceof z.ZodError) return response.status(400).json({ error: 'Invalid report', issues: error.issues });
  const status = (error as { status?: number }).status ?? 500;
  return response.status(status).json({ error: status < 500 ? (error as Error).message : 'Internal error' });
};
