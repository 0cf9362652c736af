import { type Page, type PageArgs, parsePage, toPage } from '@iotistic/chassis/page';
import { z } from 'zod';
import type { UsageApp } from '../app.ts';
import { type AlertRow, listAlerts } from '../repository/alerts.ts';

const place = z.tuple([z.number().int().nonnegative()]);

/** A customer's alerts, newest first. @throws AppError INVALID_PAGE_SIZE, INVALID_CURSOR */
export async function listUsageAlerts(app: Pick<UsageApp, 'db'>, customerId: string, args: PageArgs): Promise<Page<AlertRow>> {
  const page = parsePage<[number]>(args, place);
  return toPage(await listAlerts(app.db, customerId, page), page, ({ position }): [number] => [position]);
}
