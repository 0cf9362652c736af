import { PROXY_VARIABLES, proxyFor, proxyVariable, readProxy } from '@iotistic/contracts/outbound-proxy';
import { z } from 'zod';
import { CliError, EXIT, type ExitCode } from './cli-error.ts';
import type { Context } from './context.ts';
import { CliExamineBillingDocument, CliListSigningKeysDocument, CliViewerDocument } from './generated.ts';
import { environmentProxies } from './outbound.ts';
import { unreachable } from './plane-error.ts';
import { formatInstant } from './printable.ts';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** An answer is given whole seconds of time, and travels. */
const SKEW_WARNING_MS = 60 * SECOND_MS;
/** From here on tokens and licenses are refused for their times. */
const SKEW_FAILURE_MS = 300 * SECOND_MS;
const LAG_WARNING_MS = 60 * SECOND_MS;
const LAG_FAILURE_MS = 600 * SECOND_MS;
const KEY_OVERDUE_DAYS = 365;

export interface Check {
  name: string;
  result: 'ok' | 'warning' | 'failed' | 'skipped';
  detail: string;
  /** What iotctl ends with where this is the first that failed. */
  exitCode: ExitCode;
}

/** Each thing by itself: one that is broken hides no other, but for those that cannot be seen without it. */
export async function examine(context: Context): Promise<Check[]> {
  const checks = [examineConfiguration(context)];
  if (checks[0]?.result === 'failed') return checks;
  checks.push(...examineProxy(context));
  const reached = await examineReach(context);
  checks.push(...reached);
  if (reached[0]?.result === 'failed') return checks;
  checks.push(...(await examineServices(context)));
  checks.push(...(await attempt('time', () => examineTime(context))));
  const token = await attempt('token', () => examineToken(context));
  checks.push(...token);
  if (token[0]?.result === 'ok') checks.push(...(await attempt('live connection', () => examineLive(context))), ...(await attempt('billing', () => examineBilling(context))), ...(await attempt('signing key', () => examineSigningKey(context))));
  else checks.push(...['live connection', 'webhooks', 'metering', 'signing key'].map((name) => check(name, 'skipped', 'needs the token of an operator')));
  return checks;
}

/** That of the first that failed. */
export function exitCodeOf(checks: readonly Check[]): ExitCode {
  return checks.find(({ result }) => result === 'failed')?.exitCode ?? EXIT.ok;
}

function check(name: string, result: Check['result'], detail: string, exitCode: ExitCode = EXIT.failure): Check {
  return { name, result, detail, exitCode };
}

async function attempt(name: string, look: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode === EXIT.interrupted) throw error;
    return [check(name, 'failed', `${error.message}${error.reason === null ? '' : ` (${error.reason})`}`, error.exitCode)];
  }
}

function examineConfiguration(context: Context): Check {
  try {
    const { url, token, source } = context.target();
    return token === null ? check('configuration', 'warning', `${url} by ${source}, without a token`) : check('configuration', 'ok', `${url} by ${source}, with a token`);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return check('configuration', 'failed', error.message, error.exitCode);
  }
}

/** Which way out is taken; nothing where none is named for the plane. */
function examineProxy(context: Context): Check[] {
  const { environment } = context.terminal;
  const wrong = PROXY_VARIABLES.filter((name) => name !== 'NO_PROXY' && proxyVariable(environment, name) !== null && readProxy(name, proxyVariable(environment, name) ?? '') === null);
  if (wrong.length > 0) return [check('proxy', 'failed', `${wrong.join(', ')}: that is not the http or https address of a proxy; it is not used`, EXIT.usage)];
  const proxy = proxyFor(context.target().url, environmentProxies(environment));
  return proxy === null ? [] : [check('proxy', 'ok', `the plane is asked through ${proxy.shown} (${proxy.name}${proxy.authorization === null ? '' : ', with a user'})`)];
}

/** Whether something answers, and whether it has our time. */
async function examineReach(context: Context): Promise<Check[]> {
  const { url } = context.target();
  try {
    const before = context.terminal.clock.now();
    const response = await readPath(context, '/healthz');
    if (response.status !== 200) return [check('reachable', 'failed', `${url}/healthz answered HTTP ${response.status}`, EXIT.unreachable)];
    return [check('reachable', 'ok', `${url} answers`), examineClock(before, response.date)];
  } catch (error) {
    context.terminal.signal.throwIfAborted();
    return [check('reachable', 'failed', error instanceof CliError ? error.message : unreachable(url, error).message, EXIT.unreachable)];
  }
}

async function readPath(context: Context, path: string): Promise<{ status: number; date: Date | null; text: string }> {
  const timeout = AbortSignal.timeout(10 * SECOND_MS);
  const { url } = context.target();
  const response = await context.terminal.fetch(`${url}${path}`, { redirect: 'manual', signal: AbortSignal.any([context.terminal.signal, timeout]) }).catch((error: unknown) => {
    throw timeout.aborted ? new CliError(EXIT.unreachable, `${url} did not answer within 10 s.`) : error;
  });
  const date = response.headers.get('date');
  return { status: response.status, date: date === null ? null : new Date(date), text: await response.text() };
}

function examineClock(ours: Date, theirs: Date | null): Check {
  if (theirs === null) return check('clock', 'skipped', 'the plane does not tell its time');
  const skewMs = ours.getTime() - theirs.getTime();
  const detail = `this machine is ${Math.abs(Math.round(skewMs / SECOND_MS))} s ${skewMs < 0 ? 'behind' : 'ahead of'} the plane`;
  const apart = Math.abs(skewMs);
  return check('clock', apart >= SKEW_FAILURE_MS ? 'failed' : apart >= SKEW_WARNING_MS ? 'warning' : 'ok', detail);
}

/** Its own time may be another than its machine's: a simulated Stripe's is moved at will, and everything is dated by it. */
async function examineTime(context: Context): Promise<Check[]> {
  const now = await context.now();
  const apartMs = now.getTime() - context.terminal.clock.now().getTime();
  return Math.abs(apartMs) < SKEW_FAILURE_MS ? [] : [check('time', 'ok', `the plane's is ${formatInstant(now.toISOString())}: it was moved, and what is shown goes by it`)];
}

const readySchema = z.object({ status: z.string(), dependencies: z.record(z.string(), z.string()) });

async function examineServices(context: Context): Promise<Check[]> {
  return attempt('services', async () => {
    const { text } = await readPath(context, '/readyz');
    const parsed = readySchema.safeParse(parseJson(text));
    if (!parsed.success) return [check('services', 'failed', 'what answers at /readyz is not the control plane', EXIT.unreachable)];
    return Object.entries(parsed.data.dependencies).map(([name, state]) => check(`service ${name}`, state === 'ready' ? 'ok' : 'failed', state, EXIT.unreachable));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function examineToken(context: Context): Promise<Check[]> {
  const { viewer } = await context.plane().ask(CliViewerDocument, {});
  if (viewer === null) return [check('token', 'failed', 'there is none: set IOTCTL_TOKEN or IOTCTL_TOKEN_FILE, or add a profile', EXIT.notAllowed)];
  if (viewer.__typename !== 'AdminViewer') return [check('token', 'failed', "it is a customer's: most commands need that of an operator", EXIT.notAllowed)];
  return [check('token', 'ok', `operator ${viewer.name}`)];
}

/** Any operation does: what matters is that one gets through. */
async function examineLive(context: Context): Promise<Check[]> {
  let answered = false;
  await context.plane().listen(CliViewerDocument, {}, { hear: () => (answered = true) });
  return [answered ? check('live connection', 'ok', 'a WebSocket gets through') : check('live connection', 'failed', 'it was closed without an answer', EXIT.unreachable)];
}

async function examineBilling(context: Context): Promise<Check[]> {
  const { webhooks, meteringDifferences, pricingDifferences } = (await context.plane().ask(CliExamineBillingDocument, {})).billingOverview;
  const { received, failed, oldestReceivedAt } = webhooks;
  const lagMs = oldestReceivedAt === null ? 0 : Math.max(0, (await context.now()).getTime() - new Date(oldestReceivedAt).getTime());
  const waiting = `${received} wait${oldestReceivedAt === null ? '' : `, the oldest for ${Math.round(lagMs / SECOND_MS)} s`}, ${failed} failed`;
  const hint = failed > 0 ? ': iotctl webhooks list --status failed' : '';
  return [
    check('webhooks', lagMs >= LAG_FAILURE_MS ? 'failed' : failed > 0 || lagMs >= LAG_WARNING_MS ? 'warning' : 'ok', `${waiting}${hint}`),
    check('metering', meteringDifferences > 0 ? 'failed' : 'ok', meteringDifferences > 0 ? `in ${meteringDifferences} billing period(s) Stripe does not have what was reported: iotctl stripe reconcile` : 'Stripe has what was reported'),
    check('prices', pricingDifferences > 0 ? 'warning' : 'ok', pricingDifferences > 0 ? `Stripe and the price book disagreed ${pricingDifferences} time(s): iotctl stripe sync --dry-run` : 'Stripe and the price book agree'),
  ];
}

async function examineSigningKey(context: Context): Promise<Check[]> {
  const { signingKeys } = await context.plane().ask(CliListSigningKeysDocument, {});
  const current = signingKeys.find(({ status }) => status === 'CURRENT');
  if (current === undefined) return [check('signing key', 'failed', 'no key signs: no license can be issued')];
  const since = current.currentSince ?? current.createdAt;
  const days = Math.max(0, Math.floor(((await context.now()).getTime() - new Date(since).getTime()) / DAY_MS));
  const detail = `signs since ${formatInstant(since)}, ${days} day(s)`;
  return [days >= KEY_OVERDUE_DAYS ? check('signing key', 'warning', `${detail}: iotctl keys rotate`) : check('signing key', 'ok', detail)];
}
