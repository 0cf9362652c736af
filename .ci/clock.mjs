/**
 * `npm run test:clock`: what depends on the time, with the machine's clock at awkward instants. Without arguments it tries all of them, one
 * after the other; names after it choose some. `--of-today` prints the one that CI takes today.
 * The clock runs on from the instant, for every process that the tests start; elapsed time stays true.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Each begins a few minutes early, so that the change comes while the tests run. */
export const INSTANTS = {
  noon: { from: '2027-01-13T11:54:00Z' },
  midnight: { from: '2027-01-13T23:54:00Z' },
  sunday: { from: '2027-01-17T13:20:00Z' },
  'month-end': { from: '2027-04-30T23:54:00Z' },
  'leap-day': { from: '2028-02-29T09:30:00Z' },
  'year-end': { from: '2026-12-31T23:54:00Z' },
  'summer-time-begins': { from: '2027-03-28T00:54:00Z', zone: 'Europe/Berlin' },
  'summer-time-ends': { from: '2027-11-07T05:54:00Z', zone: 'America/New_York' },
};

/**
 * Where days, periods, licenses and leases are worked out. None has a database or kills a process: PostgreSQL asks for the time in
 * the handlers of its signals, and a killed process may hold the lock that libfaketime shares, which stops all others for good.
 */
export const CLOCKED_UNITS = [
  'control-plane/src/demo',
  'stripe-simulator',
  ...['customers', 'billing', 'licensing', 'usage'].map((name) => `subgraphs/${name}/src/domain`),
];

/** A worker process that is ended while it asks for the time would stop the others. */
export const IN_ONE_PROCESS = ['--pool', 'threads'];

const LIBRARIES = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`);

/** Whether this machine can set the clock for a process: Debian's package faketime. */
export const canSetClock = () => LIBRARIES.some((path) => existsSync(path));

/**
 * The environment in which a process and its children see that instant now.
 * @param {string} name one of INSTANTS.
 */
export function environmentAt(name) {
  const instant = INSTANTS[name];
  if (instant === undefined) throw new Error(`${name} is not one of ${Object.keys(INSTANTS).join(', ')}`);
  const library = LIBRARIES.find((path) => existsSync(path));
  if (library === undefined) throw new Error("libfaketime is missing (Debian's package faketime)");
  const seconds = Math.round((Date.parse(instant.from) - Date.now()) / 1000);
  // An offset, not an instant: a child that starts later must not begin at the same time again.
  return { LD_PRELOAD: library, FAKETIME: `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}`, DONT_FAKE_MONOTONIC: '1', NO_FAKE_STAT: '1', ...(instant.zone === undefined ? {} : { TZ: instant.zone }) };
}

/** The day of the year decides, so that a day's runs agree and a week's do not. */
export function instantOfToday(now = new Date()) {
  const names = Object.keys(INSTANTS);
  return names[Math.floor(now.getTime() / 86_400_000) % names.length];
}

function runAll(chosen) {
  const failed = chosen.filter((name) => {
    console.log(`\n=== ${name}: ${INSTANTS[name]?.from ?? 'unknown'} ${INSTANTS[name]?.zone ?? ''}`);
    const environment = { ...process.env, ...environmentAt(name) };
    const vitest = (...args) => spawnSync(join('node_modules', '.bin', 'vitest'), ['run', ...args], { env: environment, stdio: 'inherit' }).status === 0;
    return !vitest('--project', 'unit', ...IN_ONE_PROCESS, ...CLOCKED_UNITS);
  });
  console.log(`\n${chosen.length - failed.length} passed, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(', ')}` : ''}`);
  return failed.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [first, ...rest] = process.argv.slice(2);
  if (first === '--of-today') console.log(instantOfToday());
  else process.exit(runAll(first === undefined ? Object.keys(INSTANTS) : [first, ...rest]));
}
