/**
 * `npm test`: types, lint, composition, generated types, then the units, then the end-to-end suites on PostgreSQL alone and,
 * where there is a Redis, beside them once more on it. Ends with `N passed, N failed, N skipped` and the exit code that goes with it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { accessSync, constants } from 'node:fs';
import { CLOCKED_UNITS, IN_ONE_PROCESS, canSetClock, environmentAt, instantOfToday } from './clock.mjs';

const totals = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const failures = [];
/** Files that failed, and how they were run. */
const failedFiles = [];
const MAX_RUN_AGAIN = 10;
const CLOCKED_WITHIN_MS = 6 * 60_000;
const folder = mkdtempSync(join(tmpdir(), 'iotistic-test-'));
/** An agent's disk and clock, and years of the simulator's clock: none knows Redis, and each takes minutes. */
const LONG = ['e2e/faults/**', 'e2e/lives/**'];
/** `npm start` as it is, the agent's own life and the command line: the same with any queue. The run of faults chooses its queues itself. */
const WITHOUT_QUEUES = ['chaos/chaos', 'agent', 'agent-life', 'air-gap', 'clients', 'clock-steps', 'database-places', 'demo', 'hostile-requests', 'iotctl', 'kill', 'ordinary-places', 'readme', 'start-failures', 'stripe-account'].map((name) => `e2e/${name}.e2e.test.ts`);
const bin = (name) => join('node_modules', '.bin', name);
/** CI runs what depends on the date once more at another instant each day; a person's run does where TEST_CLOCK names one. */
const instant = process.env.TEST_CLOCK ?? (process.env.CI === 'true' && canSetClock() ? instantOfToday() : undefined);
const clock = instant === undefined ? {} : environmentAt(instant);
const atClock = instant === undefined ? '' : ` (the clock at ${instant})`;

function run(command, args, { env = {}, quiet = false, endAfterMs } = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'] });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
    const end = endAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), endAfterMs);
    child.on('error', (error) => resolve({ ok: false, output: String(error) }));
    child.on('close', (code) => {
      clearTimeout(end);
      resolve({ ok: code === 0, output });
    });
  });
}

async function check(name, command, args) {
  const started = performance.now();
  const { ok, output } = await run(command, args, { quiet: true });
  totals[ok ? 'passed' : 'failed'] += 1;
  console.log(`${ok ? '✓' : '✗'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) console.log(output);
  if (!ok) failures.push(name);
}

/** Runs suites with vitest, and keeps what became of each file. */
async function suites(name, args, { env = {}, quiet = false, endAfterMs } = {}) {
  if (!quiet) console.log(`\n${name}`);
  // What gave no report within its time is run once more.
  const files = (await runFiles(name, args, { env, quiet, endAfterMs })) ?? (endAfterMs === undefined ? null : await runFiles(`${name}, once more`, args, { env, quiet, endAfterMs }));
  if (files === null) {
    totals.failed += 1;
    failures.push(`${name}: vitest gave no report`);
    return;
  }
  showSlowest(files);
  for (const file of files) {
    if (file.status === 'failed') failedFiles.push({ suite: name, path: relative('.', file.name), project: args[1], env, result: file });
    else count(file);
  }
}

/** @returns what became of each file; null where vitest gave no report. */
async function runFiles(name, args, { env, quiet, endAfterMs }) {
  const report = join(folder, `${name.replace(/\W+/g, '-')}.json`);
  const { output } = await run(bin('vitest'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args], { env, quiet, endAfterMs });
  if (quiet) console.log(`\n${name}\n${output}`);
  try {
    return JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch {
    return null;
  }
}

function count({ status, assertionResults }) {
  const of = (...states) => assertionResults.filter((test) => states.includes(test.status)).length;
  totals.passed += of('passed');
  totals.skipped += of('pending', 'skipped', 'todo');
  // A file that did not even load has no failed test, yet it failed.
  totals.failed += status === 'failed' ? Math.max(1, of('failed')) : of('failed');
}

/** What failed, by its file and its name: said once more at the end, where it is found. */
function failedOf(suite, file) {
  const path = relative('.', file.name);
  const tests = file.assertionResults.filter(({ status }) => status === 'failed');
  if (tests.length === 0) return [`${suite}: ${path}: ${file.message.split('\n')[0]}`];
  return tests.map(({ fullName, failureMessages }) => `${suite}: ${path} > ${fullName}: ${failureMessages[0]?.split('\n')[0] ?? ''}`);
}

/**
 * Runs each file that failed once more, alone. One that passes then is unsteady: it is named in the last lines, and mending
 * it is the next thing to do. Many failures are no unsteadiness: then nothing is run again.
 */
async function runFailedAgain() {
  const unsteady = [];
  for (const [index, { suite, path, project, env, result }] of failedFiles.entries()) {
    const again = failedFiles.length > MAX_RUN_AGAIN ? null : await runFiles(`Once more, alone (${index + 1}): ${path}`, ['--project', project, path], { env, quiet: true });
    const [file] = again ?? [];
    if (file?.status === 'passed') unsteady.push(...failedOf(suite, result));
    else failures.push(...failedOf(suite, result));
    count(file ?? result);
  }
  return unsteady;
}

function showSlowest(files) {
  const lasting = files.map(({ name, startTime, endTime }) => ({ name: relative('.', name), seconds: (endTime - startTime) / 1000 })).toSorted((one, other) => other.seconds - one.seconds);
  console.log(`\nThe slowest files: ${lasting.slice(0, 12).map(({ name, seconds }) => `${name} ${seconds.toFixed(0)} s`).join(', ')}`);
}

function isOnPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((path) => {
    try {
      accessSync(join(path, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A free port below the ephemeral ones, where an outgoing connection cannot be sitting on it. */
async function freePort() {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await new Promise((resolve) => {
      const server = createServer().once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new Error('no free port');
}

let redis;

async function onRedis() {
  let url = process.env.REDIS_URL;
  if (url === undefined) {
    if (!isOnPath('redis-server')) {
      console.log('\nredis-server is not on the PATH and REDIS_URL is not set: the end-to-end suites ran on PostgreSQL alone.');
      totals[process.env.CI === 'true' ? 'failed' : 'skipped'] += 1;
      return;
    }
    const port = await freePort();
    redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder], { stdio: 'ignore' });
    url = `redis://127.0.0.1:${port}`;
  }
  const excluded = [...LONG, ...WITHOUT_QUEUES].flatMap((path) => ['--exclude', path]);
  await suites('End to end, with Redis', ['--project', 'e2e', ...excluded], { env: { TEST_REDIS_URL: url }, quiet: true });
}

await Promise.all([
  check('types', bin('tsc'), ['-p', 'tsconfig.check.json']),
  check('composition', bin('tsx'), ['schema/compose.ts', '--check']),
  check('generated types', bin('tsx'), ['schema/codegen.ts', '--check']),
]);
await check('lint', bin('oxlint'), ['--deny-warnings']);
// Vitest leaves a core to somebody else; here nobody else is.
await suites('Units', ['--project', 'unit', '--maxWorkers', String(Math.max(2, availableParallelism()))]);
if (instant !== undefined) await suites(`Units${atClock}`, ['--project', 'unit', ...IN_ONE_PROCESS, ...CLOCKED_UNITS], { env: clock, quiet: true, endAfterMs: CLOCKED_WITHIN_MS });
// Each boots planes of its own and waits most of the time: two lines of about the same length.
await Promise.all([
  suites('End to end, on PostgreSQL alone', ['--project', 'e2e', ...LONG.flatMap((path) => ['--exclude', path])]),
  onRedis()
    .then(() => suites('End to end, a thousand kills and a year of lives', ['--project', 'e2e', ...LONG.map((path) => path.replace('/**', ''))], { quiet: true })),
]);
const unsteady = await runFailedAgain();
redis?.kill('SIGTERM');
rmSync(folder, { recursive: true, force: true });
if (unsteady.length > 0) console.log(`\nUnsteady, passed when run alone:\n${unsteady.map((each) => `  ${each}`).join('\n')}`);
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((each) => `  ${each}`).join('\n')}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);
