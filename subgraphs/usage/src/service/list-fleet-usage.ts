import { type Page, type PageArgs, parsePage, toPage } from '@iotistic/chassis/page';
import { z } from 'zod';
import type { UsageApp } from '../app.ts';
import { activeSince } from '../domain/active.ts';
import { type FleetKey, type FleetRow, listFleetPage } from '../repository/fleet.ts';

const fleetKey = z.tuple([z.number().nonnegative(), z.string().max(64)]);

/** All customers that have instances, the most utilized first. @throws AppError INVALID_PAGE_SIZE, INVALID_CURSOR */
export async function listFleetUsage(app: Pick<UsageApp, 'db' | 'clock'>, args: PageArgs): Promise<Page<FleetRow>> {
  const page = parsePage<FleetKey>(args, fleetKey);
  const now = app.clock.now();
  return toPage(await listFleetPage(app.db, page, { now, activeSince: activeSince(now) }), page, ({ utilization, customerId }): FleetKey => [utilization, customerId]);
}
