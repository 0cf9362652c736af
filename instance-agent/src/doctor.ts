import { randomUUID } from 'node:crypto';
import { mkdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { proxyFor } from '@iotistic/contracts/outbound-proxy';
import { openLicenseParts, type LicenseParts, type Surroundings } from './app.ts';
import { SKEW_TOLERANCE_SECONDS } from './clock.ts';
import { type AgentConfig, proxiesOf } from './config.ts';
import { writeDurably } from './durable-file.ts';
import type { LineProblem } from './exposition-page.ts';
import { readLicenseFile } from './license-file.ts';

/** One thing that was looked at. `skipped`: it could not be, because something else failed. */
export interface Check {
  name: string;
  result: 'ok' | 'failed' | 'skipped';
  detail: string;
}

/** As people call them. */
const NAMES = { prometheus: 'metrics', devices: 'devices', postgres: 'database' } as const;

/** Looks at everything that an agent needs, changes nothing that it keeps, and says of each thing whether it is well. */
export async function examine(surroundings: Surroundings): Promise<Check[]> {
  const { config } = surroundings;
  const parts = await openLicenseParts(surroundings, false);
  const checks: Check[] = [
    { name: 'configuration', result: 'ok', detail: `instance ${config.INSTANCE_ID}, control plane ${config.BILLING_API_URL}` },
    await check('data folder', async () => {
      await tryWriting(config.AGENT_DATA_DIR);
      return `${config.AGENT_DATA_DIR} can be written`;
    }),
    await check('license file', () => describeLicenseFile(config.AGENT_DATA_DIR, parts)),
    ...describeProxy(config),
    await check('control plane', async () => `answers; ${(await parts.plane.signingKeys()).size} signing keys`),
    ...(await checkCredential(surroundings, parts)),
  ];
  for (const status of await parts.meter.check(parts.clock.now())) {
    checks.push({ name: NAMES[status.kind], result: status.ok ? 'ok' : 'failed', detail: `${status.url} ${status.error ?? 'answers'}${describeLines(status.problems)}` });
  }
  if (parts.meter.collectors.length === 0) checks.push({ name: 'metrics', result: 'skipped', detail: 'METRICS_URLS, DEVICES_URL and DATABASE_METRICS_URL are empty: nothing is collected' });
  return checks;
}

/** Lines of a metrics page that were passed over: worth a word, and no failure. */
function describeLines([first]: readonly LineProblem[]): string {
  return first === undefined ? '' : `; line ${first.line}${first.metric === null ? '' : ` (${first.metric})`} ${first.problem} and is passed over`;
}

/** Which way out is taken; nothing where none is named. */
function describeProxy(config: AgentConfig): Check[] {
  const proxies = proxiesOf(config);
  const named = proxies.https ?? proxies.http;
  if (named === null) return [];
  const proxy = proxyFor(config.BILLING_API_URL, proxies);
  if (proxy === null) return [{ name: 'proxy', result: 'ok', detail: `${named.name} is set, and not used for ${config.BILLING_API_URL}: it is this machine, of another scheme, or in NO_PROXY` }];
  return [{ name: 'proxy', result: 'ok', detail: `the control plane is asked through ${proxy.shown} (${proxy.name}${proxy.authorization === null ? '' : ', with a user'}); the sources are asked directly` }];
}

/** The credential is tried with a fetch; the answer tells the control plane's time as well. */
async function checkCredential({ config, time }: Surroundings, { plane, keeper }: LicenseParts): Promise<Check[]> {
  let serverTime: Date | null = null;
  const credential = await check('credential', async () => {
    serverTime = (await plane.fetchLicense(keeper.standing().claims?.jti ?? null)).serverTime;
    return `accepted (${config.IOTISTIC_API_KEY === undefined ? 'the license' : 'the API key'})`;
  });
  if (serverTime === null) return [credential, { name: 'clock', result: 'skipped', detail: 'the control plane did not tell its time' }];
  const skew = Math.round((time.now().getTime() - (serverTime as Date).getTime()) / 1000);
  const detail = skew === 0 ? 'agrees with the control plane' : `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the control plane`;
  return [credential, { name: 'clock', result: Math.abs(skew) <= SKEW_TOLERANCE_SECONDS ? 'ok' : 'failed', detail }];
}

async function check(name: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, result: 'ok', detail: await look() };
  } catch (error) {
    return { name, result: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

async function tryWriting(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `doctor-${randomUUID()}`);
  await writeDurably(path, 'written to see whether it can be\n');
  await unlink(path);
}

/** No file is well: the first exchange brings one. A file that is not believed, or whose calendar restricts, is not. */
async function describeLicenseFile(folder: string, { keeper }: LicenseParts): Promise<string> {
  const token = await readLicenseFile(folder);
  const { state, claims } = keeper.standing();
  if (token === null && claims === null) return 'none yet: the first exchange brings it';
  if (claims === null) throw new Error('license.jwt is not believed: its signature, key or form is not good');
  const said = `${claims.plan} of ${claims.customerName}, ${state}, expires ${new Date(claims.exp * 1000).toISOString()}`;
  if (state === 'read-only' || state === 'expired') throw new Error(said);
  return said;
}
