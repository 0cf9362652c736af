import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentClock, type TimeSource } from './clock.ts';
import { type AgentConfig, proxiesOf } from './config.ts';
import { type AgentHealth, ControlPlane, type Credential } from './control-plane.ts';
import { healthOf } from './health.ts';
import { LicenseKeeper } from './license-keeper.ts';
import { LicenseUpdates } from './live-license.ts';
import type { Log } from './log.ts';
import { Meter } from './meter.ts';
import { outboundFetch } from './outbound.ts';
import { ReportArchive } from './report-archive.ts';
import { Reporter } from './reporter.ts';
import { Resend } from './resend.ts';
import { realDisk } from './spool-disk.ts';
import { Spool } from './spool.ts';
import { Trust } from './trust.ts';

/** Everything that an agent is made of. */
export interface AgentApp {
  config: AgentConfig;
  log: Log;
  clock: AgentClock;
  trust: Trust;
  keeper: LicenseKeeper;
  meter: Meter;
  spool: Spool;
  archive: ReportArchive;
  plane: ControlPlane;
  reporter: Reporter;
  /** Of this process. */
  runId: string;
  agentVersion: string;
}

/** What an agent takes from its surroundings. */
export interface Surroundings {
  config: AgentConfig;
  log: Log;
  time: TimeSource;
  fetch: typeof fetch;
  /** Ends every request that is under way. */
  signal: AbortSignal;
}

export type LicenseParts = Pick<AgentApp, 'clock' | 'trust' | 'keeper' | 'plane' | 'meter' | 'runId'>;

const VERSION = readVersion();

/** The agent's version, told with every fetch. */
export function agentVersion(): string {
  return VERSION;
}

/** The parts that need no lock on the data folder: without `saves`, enough to look at the license and to check the surroundings. */
export async function openLicenseParts({ config, log, time, fetch, signal }: Surroundings, saves: boolean, health: () => AgentHealth = () => WELL): Promise<LicenseParts> {
  const folder = config.AGENT_DATA_DIR;
  const clock = await AgentClock.open(folder, time, log);
  const runId = randomUUID();
  let keeper: LicenseKeeper | null = null;
  const plane = new ControlPlane({
    url: config.BILLING_API_URL,
    instance: config.INSTANCE_ID,
    agentVersion: VERSION,
    runId,
    health,
    fetch: outboundFetch(proxiesOf(config), fetch),
    signal,
    credential: () => credentialOf(config, keeper),
  });
  const trust = await Trust.open({ folder, log, saves, pinnedKeys: config.LICENSE_PUBLIC_KEY, fetchKeys: () => plane.signingKeys() });
  keeper = await LicenseKeeper.open({ folder, clock, log, trust, saves }, config.IOTISTIC_LICENSE_KEY ?? null);
  const devices = config.DEVICES_URL === undefined ? null : { url: config.DEVICES_URL, token: config.DEVICES_API_TOKEN ?? null };
  const meter = new Meter({ urls: config.METRICS_URLS, devices, databaseUrl: config.DATABASE_METRICS_URL ?? null, fetch, log, signal });
  return { clock, trust, keeper, plane, meter, runId };
}

const WELL: AgentHealth = { clockSkewSeconds: 0, spooledReports: 0, problems: [] };

/** Opens the data folder and puts the agent together; speaks to nobody. */
export async function openApp(surroundings: Surroundings): Promise<AgentApp> {
  const { config, log } = surroundings;
  const folder = config.AGENT_DATA_DIR;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let app: AgentApp | null = null;
  const parts = await openLicenseParts(surroundings, true, () => (app === null ? WELL : healthOf(app)));
  const now = (): Date => parts.clock.now();
  const archive = new ReportArchive(archiveFolder(config), log, { days: config.ARCHIVE_DAYS, maxBytes: config.ARCHIVE_MAX_BYTES, disk: realDisk, now });
  const spool = await Spool.open(spoolFolder(config), log, { maxBytes: config.SPOOL_MAX_BYTES, now, archive });
  const reporter = new Reporter({ folder, instance: config.INSTANCE_ID, clock: parts.clock, log, plane: parts.plane, spool, keeper: parts.keeper, trust: parts.trust, resend: await Resend.open({ folder, archive: archiveFolder(config), log, now }) });
  app = { config, log, ...parts, spool, archive, reporter, agentVersion: VERSION };
  return app;
}

export function spoolFolder(config: Pick<AgentConfig, 'AGENT_DATA_DIR'>): string {
  return join(config.AGENT_DATA_DIR, 'spool');
}

export function archiveFolder(config: Pick<AgentConfig, 'AGENT_DATA_DIR'>): string {
  return join(config.AGENT_DATA_DIR, 'archive');
}

/** Hears of changes of the license between exchanges; nothing before it is told whose. */
export function createLicenseUpdates(app: AgentApp, onChange: () => void): LicenseUpdates {
  return new LicenseUpdates({ url: app.config.BILLING_API_URL, proxies: proxiesOf(app.config), credential: () => credentialOf(app.config, app.keeper), log: app.log, onChange });
}

/** The API key, else the license. */
function credentialOf(config: AgentConfig, keeper: LicenseKeeper | null): Credential | null {
  if (config.IOTISTIC_API_KEY !== undefined) return { apiKey: config.IOTISTIC_API_KEY };
  const license = keeper?.credential ?? null;
  return license === null ? null : { license };
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '0.0.0';
}
