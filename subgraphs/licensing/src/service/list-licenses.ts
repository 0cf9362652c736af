import { type Page, type PageArgs, parsePage, toPage } from '@iotistic/chassis/page';
import { AppError } from '@iotistic/contracts/errors';
import { z } from 'zod';
import type { LicensingApp } from '../app.ts';
import type { LicenseStatus } from '../domain/license-status.ts';
import { type FleetFilter, type FleetKey, listFleetLicenses } from '../repository/fleet-licenses.ts';
import type { LicenseRow } from '../repository/licenses.ts';

export type LicensePage = Page<LicenseRow> & { filter: FleetFilter };

const DAY_MS = 86_400_000;
const MAX_DAYS = 400;
const fleetKey = z.tuple([z.iso.datetime(), z.string().max(64)]);

/**
 * The licenses of all customers, those that end first at first: without a status all that were not replaced.
 * @param args expiringWithinDays 0 to 400: those alone whose lease ends from now on and until then.
 * @throws AppError INVALID_PAGE_SIZE, INVALID_CURSOR, INVALID_DAYS
 */
export async function listLicenses(
  app: Pick<LicensingApp, 'db' | 'clock'>,
  args: PageArgs & { status?: LicenseStatus | null | undefined; expiringWithinDays?: number | null | undefined },
): Promise<LicensePage> {
  const page = parsePage<FleetKey>(args, fleetKey);
  const days = args.expiringWithinDays ?? null;
  if (days !== null && (days < 0 || days > MAX_DAYS)) throw new AppError('INVALID_INPUT', 'INVALID_DAYS', `expiringWithinDays is 0 to ${MAX_DAYS}.`);
  const now = app.clock.now();
  const filter = { status: args.status ?? null, expiresBefore: days === null ? null : new Date(now.getTime() + days * DAY_MS), now };
  const rows = await listFleetLicenses(app.db, filter, page);
  return { ...toPage(rows, page, ({ expiresAt, id }): FleetKey => [expiresAt.toISOString(), id]), filter };
}
