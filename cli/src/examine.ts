import { PROXY_VARIABLES, proxyFor, proxyVariable, readProxy } from '@iotistic/contracts/outbound-proxy';
import { VERSION } from '@iotistic/contracts/version';
import { z } from 'zod';
import { attempt, type Check, check } from './check.ts';
import { CliError, EXIT } from './cli-error.ts';
import type { Context } from './context.ts';
import { examineWork, WORK_CHECKS } from './examine-work.ts';
import { CliPlaneVersionDocument, CliViewerDocument } from './generated.ts';
import { environmentProxies } from './outbound.ts';
import { unreachable } from './plane-error.ts';
import { formatInstant } from './printable.ts';

const SECOND_MS = 1000;
/** An answer is given whole seconds of time, and travels. */
const SKEW_WARNING_MS = 60 * SECOND_MS;
/** From here on tokens and licenses are refused for their times. */
const SKEW_FAILURE_MS = 300 * SECOND_MS;

/** Each thing by itself: one that is broken hides no other, but for those that cannot be seen without it. */
export async function examine(context: Context): Promise<Check[]> {
  const checks = [examineConfiguration(context)];
  if (checks[0]?.result === 'failed') return checks;
  checks.push(...examineProxy(context));
  const reached = await examineReach(context);
  checks.push(...reached);
  if (reached[0]?.result === 'failed') return checks;
  checks.push(...(await examineServices(context)));
  checks.push(...(await attempt('version', () => examineVersion(context))), ...(await attempt('time', () => examineTime(context))));
  const token = await attempt('token', () => examineToken(context));
  checks.push(...token);
  if (token[0]?.result === 'ok') checks.push(...(await attempt('live connection', () => examineLive(context))), ...(await examineWork(context)));
  else checks.push(...['live connection', ...WORK_CHECKS.flatMap(({ names }) => names)].map((name) => check(name, 'skipped', 'needs the token of an operator')));
  return checks;
}

function examineConfiguration(context: Context): Check {
  try {
    const { url, token, source } = context.target();
    return token === null ? check('configuration', 'warning', `${url} by ${source}, without a token`) : check('configuration', 'ok', `${url} by ${source}, with a token`);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return check('configuration', 'failed', error.message, { exitCode: error.exitCode });
  }
}

/** Which way out is taken; nothing where none is named for the plane. */
function examineProxy(context: Context): Check[] {
  const { environment } = context.terminal;
  const wrong = PROXY_VARIABLES.filter((name) => name !== 'NO_PROXY' && proxyVariable(environment, name) !== null && readProxy(name, proxyVariable(environment, name) ?? '') === null);
  if (wrong.length > 0) return [check('proxy', 'failed', `${wrong.join(', ')}: that is not the http or https address of a proxy; it is not used`, { exitCode: EXIT.usage })];
  const proxy = proxyFor(context.target().url, environmentProxies(environment));
  return proxy === null ? [] : [check('proxy', 'ok', `the plane is asked through ${proxy.shown} (${proxy.name}${proxy.authorization === null ? '' : ', with a user'})`)];
}

/** Whether something answers, and whether it has our time. */
async function examineReach(context: Context): Promise<Check[]> {
  const { url } = context.target();
  try {
    const before = context.terminal.clock.now();
    const response = await readPath(context, '/healthz');
    if (response.status !== 200) return [check('reachable', 'failed', `${url}/healthz answered HTTP ${response.status}`, { exitCode: EXIT.unreachable })];
    return [check('reachable', 'ok', `${url} answers`), examineClock(before, response.date)];
  } catch (error) {
    context.terminal.signal.throwIfAborted();
    return [check('reachable', 'failed', error instanceof CliError ? error.message : unreachable(url, error).message, { exitCode: EXIT.unreachable })];
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
  if (theirs === null) return check('clock', 'skipped', 'the plane does not say what time it is');
  const skewMs = ours.getTime() - theirs.getTime();
  const detail = `this machine is ${Math.abs(Math.round(skewMs / SECOND_MS))} s ${skewMs < 0 ? 'behind' : 'ahead of'} the plane`;
  const apart = Math.abs(skewMs);
  return check('clock', apart >= SKEW_FAILURE_MS ? 'failed' : apart >= SKEW_WARNING_MS ? 'warning' : 'ok', detail);
}

async function examineVersion(context: Context): Promise<Check[]> {
  const { version } = (await context.plane().ask(CliPlaneVersionDocument, {})).plane;
  if (version === VERSION) return [check('version', 'ok', `the plane and iotctl are both ${version}`)];
  return [check('version', 'warning', `the plane is ${version}, iotctl is ${VERSION}: use the iotctl of the plane's version`)];
}

/** Its own time may be another than its machine's: a simulated Stripe's is moved at will, and everything is dated by it. */
async function examineTime(context: Context): Promise<Check[]> {
  const now = await context.now();
  const apartMs = now.getTime() - context.terminal.clock.now().getTime();
  return Math.abs(apartMs) < SKEW_FAILURE_MS ? [] : [check('time', 'ok', `the plane's is ${formatInstant(now.toISOString())}: it was moved, and all that is shown goes by it`)];
}

const readySchema = z.object({ status: z.string(), dependencies: z.record(z.string(), z.string()) });

async function examineServices(context: Context): Promise<Check[]> {
  return attempt('services', async () => {
    const { text } = await readPath(context, '/readyz');
    const parsed = readySchema.safeParse(parseJson(text));
    if (!parsed.success) return [check('services', 'failed', 'what answers at /readyz is not the control plane', { exitCode: EXIT.unreachable })];
    return Object.entries(parsed.data.dependencies).map(([name, state]) => check(`service ${name}`, state === 'ready' ? 'ok' : 'failed', state, { exitCode: EXIT.unreachable }));
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
  if (viewer === null) return [check('token', 'failed', 'there is none: set IOTCTL_TOKEN or IOTCTL_TOKEN_FILE, or add a profile', { exitCode: EXIT.notAllowed })];
  if (viewer.__typename !== 'AdminViewer') return [check('token', 'failed', "it is a customer's: most commands need that of an operator", { exitCode: EXIT.notAllowed })];
  return [check('token', 'ok', `an operator's, called ${viewer.name}`)];
}

/** Any operation does: what matters is that one gets through. */
async function examineLive(context: Context): Promise<Check[]> {
  let answered = false;
  await context.plane().listen(CliViewerDocument, {}, { hear: () => (answered = true) });
  return [answered ? check('live connection', 'ok', 'a WebSocket gets through') : check('live connection', 'failed', 'it was closed without an answer', { exitCode: EXIT.unreachable })];
}
