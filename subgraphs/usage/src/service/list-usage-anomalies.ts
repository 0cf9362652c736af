import { type Page, type PageArgs, parsePage, toPage } from '@iotistic/chassis/page';
import { z } from 'zod';
import type { UsageApp } from '../app.ts';
import { type AnomalyRow, listAnomalies } from '../repository/anomalies.ts';

const place = z.tuple([z.number().int().nonnegative()]);

/** Newest first. @param customerId null for anyone's. @throws AppError INVALID_PAGE_SIZE, INVALID_CURSOR */
export async function listUsageAnomalies(app: Pick<UsageApp, 'db'>, customerId: string | null, args: PageArgs & { open?: boolean | null | undefined }): Promise<Page<AnomalyRow>> {
  const page = parsePage<[number]>(args, place);
  return toPage(await listAnomalies(app.db, { customerId, isOpen: args.open ?? null }, page), page, ({ position }): [number] => [position]);
}
