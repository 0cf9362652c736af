import { floorAfter } from '@iotistic/chassis/restores';
import { AppError } from '@iotistic/contracts/errors';
import { instanceId } from '@iotistic/contracts/ids';
import { z } from 'zod';
import type { LicensingApp } from '../app.ts';
import { refreshAfterSeconds } from '../domain/refresh.ts';
import type { InstanceHealth } from '../repository/instances.ts';
import type { LicenseRow, Standing } from '../repository/licenses.ts';
import { findStanding } from './find-license.ts';
import { renewLicense } from './renew-license.ts';
import { parseNonce, signTime } from './sign-time.ts';

export interface FetchLicenseInput {
  instance: string;
  holding?: string | null | undefined;
  agentVersion?: string | null | undefined;
  runId?: string | null | undefined;
  nonce?: string | null | undefined;
  health?: { clockSkewSeconds: number; spooledReports: number; problems: readonly string[] } | null | undefined;
}

export interface FetchedLicense {
  license: LicenseRow | null;
  customer: { id: string };
  revocationList: string;
  keyAnnouncements: readonly string[];
  serverTime: Date;
  signedTime: string | null;
  refreshAfterSeconds: number;
}

type Fetching = Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signing' | 'loaders' | 'sightings' | 'callLimits' | 'revocationList' | 'restores'>;

/** As everywhere where an instance is named. */
const instanceName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
const agentVersion = z.string().regex(/^[\x21-\x7e]{1,64}$/).nullable();
const runId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/).nullable();
const problems = z.array(z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/)).max(20);

/**
 * What an instance needs to go on: its license, unless the one it holds is the one in force, the list of those that were
 * revoked, the keys that it will meet, and when to come back. From licensing's own data alone. Begins the next lease where
 * one is due.
 * @throws AppError INVALID_NAME, INVALID_NONCE, INVALID_HEALTH, RATE_LIMITED, TOO_MANY_INSTANCES
 */
export async function fetchLicense(app: Fetching, customerId: string, input: FetchLicenseInput): Promise<FetchedLicense> {
  const name = parseName(instanceName, input.instance, 'instance is 1 to 128 letters, digits, dots, underscores and hyphens, and begins with a letter or digit.');
  const version = parseName(agentVersion, input.agentVersion ?? null, 'agentVersion is 1 to 64 printable characters without spaces.');
  const run = parseName(runId, input.runId ?? null, 'runId is 8 to 64 letters, digits, underscores and hyphens.');
  const nonce = parseNonce(input.nonce);
  const health = parseHealth(input.health);
  const id = instanceId(customerId, name);
  await app.callLimits.admit(customerId, id);
  const { license, epoch } = await currentStanding(app, customerId);
  const now = app.clock.now();
  const inForce = license !== null && license.revokedAt === null && now < license.unlicensedFrom ? license : null;
  const [revocationList, signedTime] = await Promise.all([
    app.revocationList.get(epoch),
    nonce === null ? null : signTime(app, { customerId, instance: name, nonce }, now),
    app.sightings.record({ instanceId: id, customerId, name, licenseId: inForce?.id ?? null, agentVersion: version, runId: run, health, at: now }),
  ]);
  // After a restore ours may be older than the one that it holds, until billing has said anew what is granted.
  const mayBeOlder = inForce !== null && inForce.version <= floorAfter(app.restores);
  return {
    license: mayBeOlder || inForce?.id === input.holding ? null : inForce,
    customer: { id: customerId },
    revocationList,
    keyAnnouncements: app.signing.announcements(),
    serverTime: now,
    signedTime,
    refreshAfterSeconds: refreshAfterSeconds(inForce, now),
  };
}

async function currentStanding(app: Fetching, customerId: string): Promise<Standing> {
  const standing = await findStanding(app, customerId);
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

function parseHealth(health: FetchLicenseInput['health']): InstanceHealth | null {
  if (health === null || health === undefined) return null;
  const said = problems.safeParse(health.problems);
  if (!said.success || health.spooledReports < 0) throw new AppError('INVALID_INPUT', 'INVALID_HEALTH');
  return { clockSkewSeconds: health.clockSkewSeconds, spooledReports: health.spooledReports, problems: said.data };
}
