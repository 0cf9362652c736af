import type { LicenseClaims } from '@iotistic/contracts/license';
import type { AgentApp } from './app.ts';
import type { CollectorStatus } from './meter.ts';
import type { TrafficSplit } from './traffic-split.ts';
import type { KeeperState } from './license-states.ts';
import { problemsOf } from './health.ts';

const DAY_MS = 86_400_000;

/** What an instance may do without a license, or past the end of one's calendar (SPEC 4). */
export const UNLICENSED_FEATURES = {
  maxDevices: 2,
  canExportData: false,
  canScheduleJobs: false,
  hasOtaUpdates: false,
  canExecuteJobs: true,
  hasRemoteAccess: true,
} as const;

/** What the local API says of the license. Features and limits are those in force: the unlicensed ones when it says so. */
export interface LicenseView {
  state: KeeperState;
  customer: { id: string; name: string } | null;
  plan: string | null;
  /** Of the subscription: active, trialing, past_due… */
  status: string | null;
  features: Record<string, boolean | number>;
  limits: Record<string, number>;
  usage: { devices: { current: number | null; max: number } };
  trial: { isTrialMode: boolean; expiresAt: string | null; daysRemaining: number | null };
  calendar: { expiresAt: string; graceUntil: string; readOnlyFrom: string; unlicensedFrom: string } | null;
  license: { id: string; version: number; issuedAt: string; airGap: boolean; revokedAt: string | null } | null;
  /** Where an upgrade is to be had. */
  upgradeUrl: string;
  instance: string;
  clock: { now: string; skewSeconds: number; serverSkewSeconds: number | null };
  controlPlane: { lastContactAt: string | null; lastError: string | null };
  collectors: CollectorStatus[];
  /** MQTT by quality of service and HTTP by category of endpoint, since the agent started. */
  traffic: TrafficSplit;
  spool: { pending: number; oldestPendingAt: string | null; bytes: number; mergedReports: number; writeFailures: number; problem: { code: string; since: string; message: string } | null };
  /** What was sent, kept to check invoices against; `waiting` reports could not be written to it yet. */
  archive: { bytes: number; waiting: number; problem: { code: string; since: string } | null };
  /** The list of revoked licenses that is held; an old one blocks nothing. */
  revocations: { epoch: number; issuedAt: string; stale: boolean } | null;
  /** What is not well, in words of docs/agent-protocol.md. */
  problems: string[];
}

/** The part of the view that needs the license alone. */
export function describeLicense(app: Pick<AgentApp, 'keeper' | 'clock'>): Pick<LicenseView, 'state' | 'customer' | 'plan' | 'status' | 'features' | 'limits' | 'trial' | 'calendar' | 'license'> {
  const { state, claims, calendar, revokedAt } = app.keeper.standing();
  const inForce = state === 'unlicensed' || state === 'expired' ? null : claims;
  return {
    state,
    customer: claims === null ? null : { id: claims.customerId, name: claims.customerName },
    plan: claims?.plan ?? null,
    status: claims?.subscription.status ?? null,
    features: { ...(inForce?.features ?? UNLICENSED_FEATURES) },
    limits: { ...inForce?.limits },
    trial: describeTrial(claims, app.clock.now()),
    calendar: calendar === null ? null : { expiresAt: calendar.expiresAt.toISOString(), graceUntil: calendar.graceUntil.toISOString(), readOnlyFrom: calendar.readOnlyFrom.toISOString(), unlicensedFrom: calendar.unlicensedFrom.toISOString() },
    license: claims === null ? null : { id: claims.jti, version: claims.version, issuedAt: instantOf(claims.iat), airGap: claims.airGap === true, revokedAt: revokedAt?.toISOString() ?? null },
  };
}

/** Everything the local API answers with; needs neither network nor disk. */
export function viewLicense(app: AgentApp, currentDevices: number | null): LicenseView {
  const license = describeLicense(app);
  const max = license.features['maxDevices'];
  return {
    ...license,
    usage: { devices: { current: currentDevices, max: typeof max === 'number' ? max : UNLICENSED_FEATURES.maxDevices } },
    upgradeUrl: app.config.UPGRADE_URL ?? `${app.config.BILLING_API_URL}/`,
    instance: app.config.INSTANCE_ID,
    clock: { now: app.clock.now().toISOString(), skewSeconds: app.clock.skewSeconds(), serverSkewSeconds: app.clock.serverSkewSeconds() },
    controlPlane: { lastContactAt: app.reporter.lastContactAt?.toISOString() ?? null, lastError: app.reporter.lastError },
    collectors: app.meter.collectors,
    traffic: app.meter.traffic,
    spool: describeSpool(app.spool),
    archive: describeArchive(app.archive),
    revocations: app.trust.list === null ? null : { epoch: app.trust.list.epoch, issuedAt: app.trust.list.issuedAt.toISOString(), stale: app.trust.isListStale(app.clock.now()) },
    problems: problemsOf(app),
  };
}

/** The countdown: whole days that have begun, 0 when it is over. */
function describeTrial(claims: LicenseClaims | null, now: Date): LicenseView['trial'] {
  const expiresAt = claims?.trial.isTrialMode === true ? (claims.trial.trialEndsAt ?? null) : null;
  const daysRemaining = expiresAt === null ? null : Math.max(0, Math.ceil((Date.parse(expiresAt) - now.getTime()) / DAY_MS));
  return { isTrialMode: claims?.trial.isTrialMode ?? false, expiresAt, daysRemaining };
}

function instantOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function describeSpool(spool: AgentApp['spool']): LicenseView['spool'] {
  const { problem } = spool;
  return {
    pending: spool.pendingCount,
    oldestPendingAt: spool.oldestPendingAt?.toISOString() ?? null,
    bytes: spool.bytes,
    mergedReports: spool.mergedReports,
    writeFailures: spool.writeFailures,
    problem: problem === null ? null : { code: problem.code, since: problem.since.toISOString(), message: problem.message },
  };
}

function describeArchive({ bytes, waitingCount, problem }: AgentApp['archive']): LicenseView['archive'] {
  return { bytes, waiting: waitingCount, problem: problem === null ? null : { code: problem.code, since: problem.since.toISOString() } };
}
