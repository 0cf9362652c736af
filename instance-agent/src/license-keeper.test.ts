import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LicenseClaims } from '@iotistic/contracts/license';
import { describe, expect, it } from 'vitest';
import { AgentClock } from './clock.ts';
import { readKeySet, readLicenseFile, writeKeySet } from './license-file.ts';
import { LicenseKeeper } from './license-keeper.ts';
import type { KeeperState, OfferOutcome } from './license-states.ts';
import { Trust } from './trust.ts';
import { createTestKey, DAY_MS, signLicense, START, testClaims, type TestKey } from './licenses.testkit.ts';
import { createRecordingLog, createTestMachine, silentLog, temporaryFolder, type TestMachine } from './surroundings.testkit.ts';

const key = createTestKey();
const newKey = createTestKey();
const stranger = createTestKey(key.kid);
const sign = (changes: Partial<LicenseClaims> = {}, by = key) => signLicense(by, testClaims(changes));

interface Setting {
  folder?: string;
  machine?: TestMachine;
  pinned?: TestKey[];
  served?: TestKey[];
  environment?: string | null;
  log?: typeof silentLog;
}

async function openKeeper({ folder, machine, pinned = [], served = [key], environment = null, log = silentLog }: Setting = {}) {
  const where = folder ?? (await temporaryFolder());
  const time = machine ?? createTestMachine(START);
  const clock = await AgentClock.open(where, time, silentLog);
  const asked = { count: 0 };
  const fetchKeys = async () => {
    asked.count += 1;
    return new Map(served.map(({ kid, publicKey }) => [kid, publicKey]));
  };
  const trust = await Trust.open({ folder: where, log: silentLog, pinnedKeys: pinned.map(({ publicKey }) => publicKey), fetchKeys, saves: true });
  const keeper = await LicenseKeeper.open({ folder: where, clock, log, trust, saves: true }, environment);
  return { keeper, trust, folder: where, machine: time, clock, asked };
}

/** How long after START a license of 30 days is in each state. */
const AGE_DAYS: Record<Exclude<KeeperState, 'unlicensed'>, number> = { licensed: 1, grace: 31, 'read-only': 40, expired: 60 };
const STATES: readonly KeeperState[] = ['unlicensed', 'licensed', 'grace', 'read-only', 'expired'];

/** A keeper that holds version 5 of cust_a in this state. */
async function keeperIn(state: KeeperState) {
  const opened = await openKeeper();
  if (state === 'unlicensed') return opened;
  await opened.keeper.offer(sign({ version: 5 }));
  opened.machine.advance(AGE_DAYS[state] * DAY_MS);
  expect(opened.keeper.standing().state).toBe(state);
  return opened;
}

const now = (machine: TestMachine) => Math.floor(machine.now().getTime() / 1000);
const EVENTS = {
  'a newer license': (machine: TestMachine) => sign({ version: 6, iat: now(machine) }),
  'the same version, renewed': (machine: TestMachine) => sign({ version: 5, iat: now(machine) + 1 }),
  'the one that is held': () => sign({ version: 5 }),
  'an older version': (machine: TestMachine) => sign({ version: 4, iat: now(machine) }),
  'the same version, issued earlier': () => sign({ version: 5, iat: START.getTime() / 1000 - 60 }),
  "another customer's": (machine: TestMachine) => sign({ version: 9, iat: now(machine), customerId: 'cust_b', sub: 'cust_b' }),
  'one with a changed byte': (machine: TestMachine) => sign({ version: 6, iat: now(machine) }).replace(/.(?=.{20}$)/, (letter) => (letter === 'A' ? 'B' : 'A')),
  'one signed by a stranger': (machine: TestMachine) => sign({ version: 6, iat: now(machine) }, stranger),
  'one of an unknown key': (machine: TestMachine) => sign({ version: 6, iat: now(machine) }, newKey),
  'one of another issuer': (machine: TestMachine) => sign({ version: 6, iat: now(machine), iss: 'somebody' }),
  'one for the future': (machine: TestMachine) => sign({ version: 6, iat: now(machine), nbf: now(machine) + 86_400 }),
  'no license at all': () => 'hello',
  'a newer one that has ended': (machine: TestMachine) => sign({ version: 6, iat: now(machine) - 40 * 86_400, exp: now(machine) - 30 * 86_400 }),
} satisfies Record<string, (machine: TestMachine) => string>;
type EventName = keyof typeof EVENTS;

/** What every state answers to an event alike, once a license is held. */
const REFUSED: Partial<Record<EventName, OfferOutcome>> = {
  'one with a changed byte': 'BAD_SIGNATURE',
  'one signed by a stranger': 'BAD_SIGNATURE',
  'one of an unknown key': 'UNKNOWN_KEY',
  'one of another issuer': 'WRONG_ISSUER',
  'one for the future': 'NOT_YET_VALID',
  'no license at all': 'MALFORMED',
};
const HELD: Record<EventName, OfferOutcome> = {
  'a newer license': 'accepted',
  'the same version, renewed': 'accepted',
  'the one that is held': 'unchanged',
  'an older version': 'OLDER',
  'the same version, issued earlier': 'OLDER',
  "another customer's": 'OTHER_CUSTOMER',
  'a newer one that has ended': 'accepted',
  ...REFUSED,
} as Record<EventName, OfferOutcome>;
const NONE: Record<EventName, OfferOutcome> = { ...HELD, 'the one that is held': 'accepted', 'an older version': 'accepted', 'the same version, issued earlier': 'accepted', "another customer's": 'accepted' };

const TABLE: Record<KeeperState, Record<EventName, [OfferOutcome, KeeperState]>> = Object.fromEntries(
  STATES.map((state) => [state, Object.fromEntries((Object.keys(EVENTS) as EventName[]).map((event) => [event, expectation(state, event)]))]),
) as Record<KeeperState, Record<EventName, [OfferOutcome, KeeperState]>>;

/** A refusal changes nothing; an accepted license brings its own state. */
function expectation(state: KeeperState, event: EventName): [OfferOutcome, KeeperState] {
  const outcome = (state === 'unlicensed' ? NONE : HELD)[event];
  if (outcome !== 'accepted') return [outcome, state];
  return [outcome, event === 'a newer one that has ended' ? 'expired' : 'licensed'];
}

describe('the license keeper: every state, every event', () => {
  for (const state of STATES) {
    it.each(Object.keys(EVENTS) as EventName[])(`${state} + %s`, async (event) => {
      const { keeper, machine, folder } = await keeperIn(state);
      const before = keeper.standing().token;
      const token = EVENTS[event](machine);
      const [outcome, after] = TABLE[state][event];
      expect(await keeper.offer(token)).toBe(outcome);
      expect(keeper.standing().state).toBe(after);
      const holds = outcome === 'accepted' ? token : before;
      expect(keeper.standing().token).toBe(holds);
      expect(await readLicenseFile(folder)).toBe(holds);
    });
  }

  it('time alone moves it along its calendar, at exactly the instants that the license states', async () => {
    const { keeper, machine } = await openKeeper();
    await keeper.offer(sign());
    const edges: [number, KeeperState][] = [[30, 'grace'], [37, 'read-only'], [51, 'expired']];
    for (const [days, state] of edges) {
      machine.setWall(new Date(START.getTime() + days * DAY_MS - 1));
      expect(keeper.standing().state).not.toBe(state);
      machine.setWall(new Date(START.getTime() + days * DAY_MS));
      expect(keeper.standing().state).toBe(state);
    }
  });
});

describe('the license keeper', () => {
  it('is silent at every restart with a license from the environment, be it held, renewed since, or in its grace', async () => {
    const { log, lines } = createRecordingLog();
    const environment = sign({ version: 1 });
    const machine = createTestMachine(START);
    const { folder, keeper } = await openKeeper({ environment, log, machine, pinned: [key] });
    expect(keeper.standing().state).toBe('licensed');
    await openKeeper({ environment, folder, log, machine, pinned: [key] });
    await keeper.offer(sign({ version: 2 }));
    for (const days of [0, 31, 9, 20]) {
      machine.advance(days * DAY_MS);
      await openKeeper({ environment, folder, log, machine, pinned: [key] });
    }
    expect(lines.filter(({ level }) => Number(level) > 30)).toEqual([]);
  });

  it('answers from its file at once, asking nobody', async () => {
    const first = await openKeeper();
    await first.keeper.offer(sign());
    const second = await openKeeper({ folder: first.folder, served: [] });
    expect(second.keeper.standing()).toMatchObject({ state: 'licensed', claims: { plan: 'professional' } });
    expect(second.asked.count).toBe(0);
  });

  it('is not extended by a clock that was set back', async () => {
    const first = await openKeeper();
    await first.keeper.offer(sign());
    first.machine.advance(60 * DAY_MS);
    await first.clock.persist();
    first.machine.setWall(START);
    expect(first.keeper.standing().state).toBe('expired');
    expect((await openKeeper({ folder: first.folder, machine: first.machine })).keeper.standing().state).toBe('expired');
  });

  it('knows from a signature alone that a machine far behind is wrong', async () => {
    const { keeper } = await openKeeper({ machine: createTestMachine(new Date('2001-01-01T00:00:00Z')) });
    expect(await keeper.offer(sign())).toBe('accepted');
    expect(keeper.standing().state).toBe('licensed');
  });

  it('takes the license of the environment when there is no file, and a newer file before it', async () => {
    const folder = await temporaryFolder();
    await writeKeySet(folder, new Map([[key.kid, key.publicKey]]));
    const first = await openKeeper({ folder, environment: sign({ version: 1 }) });
    expect(first.keeper.standing().claims?.version).toBe(1);
    await first.keeper.offer(sign({ version: 2 }));
    const second = await openKeeper({ folder, environment: sign({ version: 1 }) });
    expect(second.keeper.standing().claims?.version).toBe(2);
  });

  it('runs unlicensed on a file that is not believed, says so, and takes the next good one', async () => {
    const folder = await temporaryFolder();
    await writeKeySet(folder, new Map([[key.kid, key.publicKey]]));
    await writeFile(join(folder, 'license.jwt'), sign({}, stranger));
    const { log, lines } = createRecordingLog();
    const { keeper } = await openKeeper({ folder, log });
    expect(keeper.standing().state).toBe('unlicensed');
    expect(lines).toContainEqual(expect.objectContaining({ level: 50, reason: 'BAD_SIGNATURE' }));
    expect(await keeper.offer(sign())).toBe('accepted');
  });

  it('uses a license whose key it does not know yet as credential, and only as that', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'license.jwt'), `${sign()}\n`);
    const { keeper } = await openKeeper({ folder });
    expect([keeper.standing().state, keeper.credential]).toEqual(['unlicensed', sign()]);
    expect(await keeper.offer(sign({ version: 2 }))).toBe('accepted');
    expect(keeper.credential).toBe(sign({ version: 2 }));
    expect((await openKeeper({ environment: sign({}, stranger), pinned: [key] })).keeper.credential).toBeNull();
  });

  it('asks for the keys once when it does not know one, and keeps the key of the license it holds', async () => {
    const { keeper, folder, asked } = await openKeeper({ served: [newKey] });
    await writeKeySet(folder, new Map([[key.kid, key.publicKey]]));
    const reopened = await openKeeper({ folder, served: [newKey], environment: sign() });
    expect(reopened.keeper.standing().state).toBe('licensed');
    expect(await reopened.keeper.offer(sign({ version: 2 }, newKey))).toBe('accepted');
    expect(reopened.asked.count).toBe(1);
    expect([...(await readKeySet(folder)).keys()].sort()).toEqual([key.kid, newKey.kid].sort());
    expect([keeper.standing().state, asked.count]).toEqual(['unlicensed', 0]);
  });

  it('believes pinned keys alone, whichever of them signed', async () => {
    const { keeper, asked } = await openKeeper({ pinned: [newKey, key], served: [stranger] });
    expect(await keeper.offer(sign())).toBe('accepted');
    expect(await keeper.offer(sign({ version: 2 }, newKey))).toBe('accepted');
    expect(await keeper.offer(sign({ version: 3 }, stranger))).toBe('BAD_SIGNATURE');
    expect(asked.count).toBe(0);
  });

  it('holds a license that it cannot write, and writes it when it can', async () => {
    const { keeper, folder } = await openKeeper();
    await mkdir(join(folder, 'license.jwt'));
    expect(await keeper.offer(sign())).toBe('accepted');
    expect(keeper.standing().state).toBe('licensed');
    await rm(join(folder, 'license.jwt'), { recursive: true });
    await keeper.saveIfNeeded();
    expect(await readFile(join(folder, 'license.jwt'), 'utf8')).toBe(`${sign()}\n`);
  });

  it('logs each change of state once', async () => {
    const { log, lines } = createRecordingLog();
    const { keeper, machine } = await openKeeper({ log });
    await keeper.offer(sign());
    machine.advance(31 * DAY_MS);
    keeper.follow('elapsed');
    keeper.follow('elapsed');
    expect(lines.filter((line) => line['state'] !== undefined).map(({ state }) => state)).toEqual(['unlicensed', 'licensed', 'grace']);
  });
});
