import { AppError } from '@iotistic/contracts/errors';
import { instanceId } from '@iotistic/contracts/ids';
import { z } from 'zod';
import type { LicensingApp } from '../app.ts';
import { refreshAfterSeconds } from '../domain/refresh.ts';
import type { LicenseRow, Standing } from '../repository/licenses.ts';
import { renewLicense } from './renew-license.ts';

export interface FetchLicenseInput {
  instance: string;
  holding?: string | null | undefined;
  agentVersion?: string | null | undefined;
}

export interface FetchedLicense {
  license: LicenseRow | null;
  customer: { id: string };
  revocationList: string;
  serverTime: Date;
  refreshAfterSeconds: number;
}

/** As everywhere where an instance is named. */
const instanceName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
const agentVersion = z.string().regex(/^[\x21-\x7e]{1,64}$/);

/**
 * What an instance needs to go on: its license, unless the one it holds is the one in force, the list of those that were
 * revoked, and when to come back. From licensing's own data alone. Begins the next lease where one is due.
 */
export async function fetchLicense(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signer' | 'loaders' | 'sightings' | 'revocationList'>, customerId: string, input: FetchLicenseInput): Promise<FetchedLicense> {
  const name = parseName(instanceName, input.instance, 'instance is 1 to 128 letters, digits, dots, underscores and hyphens, and begins with a letter or digit.');
  const version = parseName(agentVersion.nullable(), input.agentVersion ?? null, 'agentVersion is 1 to 64 printable characters without spaces.');
  const { license, epoch } = await currentStanding(app, customerId);
  const now = app.clock.now();
  const inForce = license !== null && license.revokedAt === null && now < license.unlicensedFrom ? license : null;
  const [revocationList] = await Promise.all([
    app.revocationList.get(epoch),
    app.sightings.record({ instanceId: instanceId(customerId, name), customerId, name, licenseId: inForce?.id ?? null, agentVersion: version, at: now }),
  ]);
  return {
    license: inForce !== null && inForce.id === input.holding ? null : inForce,
    customer: { id: customerId },
    revocationList,
    serverTime: now,
    refreshAfterSeconds: refreshAfterSeconds(inForce, now),
  };
}

async function currentStanding(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signer' | 'loaders'>, customerId: string): Promise<Standing> {
  const standing = await app.loaders.standings.load(customerId);
  const renewAt = standing.license?.revokedAt === null ? standing.license.renewAt : null;
  if (renewAt === null || app.clock.now() < renewAt) return standing;
  await renewLicense(app, customerId);
  return app.loaders.standings.load(customerId);
}

function parseName<T>(schema: z.ZodType<T>, value: unknown, rule: string): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new AppError('INVALID_INPUT', 'INVALID_NAME', rule);
  return parsed.data;
}
