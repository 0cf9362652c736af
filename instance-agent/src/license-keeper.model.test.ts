import fc from 'fast-check';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LicenseClaims } from '@iotistic/contracts/license';
import { describe, expect, it } from 'vitest';
import { AgentClock } from './clock.ts';
import { LicenseKeeper } from './license-keeper.ts';
import { KEEPER_EVENTS, KEEPER_STATES, type KeeperState, TRANSITIONS } from './license-states.ts';
import { announce, createTestKey, DAY_MS, signLicense, signList, START, testClaims, type TestKey } from './licenses.testkit.ts';
import { createRecordingLog, createTestMachine, silentLog, temporaryFolder, type TestMachine } from './surroundings.testkit.ts';
import { Trust } from './trust.ts';

const keys = [createTestKey(), createTestKey(), createTestKey()] as const;
const stranger = createTestKey(keys[0].kid);
const DAY_SECONDS = 86_400;

/** What must be true, in as few words as possible: the newest license that was taken, when it was revoked, and what time it is. */
interface Model {
  /** Milliseconds since START, as an honest clock tells. */
  nowMs: number;
  held: LicenseClaims | null;
  epoch: number;
  revoked: Map<string, number>;
}

function expectedState({ held, nowMs, revoked }: Model): KeeperState {
  if (held === null) return 'unlicensed';
  const now = START.getTime() / 1000 + nowMs / 1000;
  const revokedAt = revoked.get(held.jti);
  const end = revokedAt === undefined ? held.exp : Math.min(held.exp, Math.max(revokedAt, held.iat));
  if (now < end) return 'licensed';
  if (now < end + 7 * DAY_SECONDS) return 'grace';
  return now < end + 21 * DAY_SECONDS ? 'read-only' : 'expired';
}

class Real {
  readonly machine: TestMachine = createTestMachine(START);
  readonly recording = createRecordingLog();
  trust!: Trust;
  keeper!: LicenseKeeper;
  clock!: AgentClock;

  constructor(readonly folder: string) {}

  async open(): Promise<void> {
    this.clock = await AgentClock.open(this.folder, this.machine, silentLog);
    this.trust = await Trust.open({ folder: this.folder, log: silentLog, pinnedKeys: [keys[0].publicKey], fetchKeys: () => Promise.resolve(new Map()), saves: true });
    this.keeper = await LicenseKeeper.open({ folder: this.folder, clock: this.clock, log: this.recording.log, trust: this.trust, saves: true }, null);
  }
}

/** A command of the random walk: what it does to the agent, and to the model of it. */
interface Step {
  does(real: Real, model: Model): Promise<void>;
}

const nowSeconds = (model: Model): number => Math.floor(START.getTime() / 1000 + model.nowMs / 1000);

function offer(version: number, ageDays: number, lifeDays: number, by: TestKey): Step {
  return {
    async does({ keeper }, model) {
      const iat = nowSeconds(model) - ageDays * DAY_SECONDS;
      const claims = testClaims({ version, iat, exp: iat + lifeDays * DAY_SECONDS });
      const outcome = await keeper.offer(signLicense(by, claims));
      const { held } = model;
      const isGood = keys.includes(by as (typeof keys)[number]) && !model.revoked.has(claims.jti);
      const isNewer = held === null || version > held.version || (version === held.version && iat >= held.iat);
      expect(outcome === 'accepted' || outcome === 'unchanged').toBe(isGood && isNewer);
      if (outcome === 'accepted') model.held = claims;
    },
  };
}

function pass(days: number): Step {
  return {
    does({ machine }, model) {
      machine.advance(days * DAY_MS);
      model.nowMs += days * DAY_MS;
      return Promise.resolve();
    },
  };
}

/** The wall clock is set, while the agent runs: nothing of what it says may follow. */
function setWall(days: number): Step {
  return {
    does({ machine, clock }) {
      clock.agreesWith(clock.now());
      machine.setWall(new Date(machine.now().getTime() + days * DAY_MS));
      return Promise.resolve();
    },
  };
}

function revokeHeld(): Step {
  return {
    async does({ trust, keeper }, model) {
      if (model.held === null || model.revoked.has(model.held.jti)) return;
      model.epoch += 1;
      model.revoked.set(model.held.jti, nowSeconds(model));
      keeper.follow('elapsed');
      expect(await trust.takeRevocations(signList(keys[0], { epoch: model.epoch, iat: nowSeconds(model), revoked: Object.fromEntries(model.revoked) }))).toBe('accepted');
      keeper.follow('revoked');
    },
  };
}

/** Yesterday's list, in which nothing is revoked, and one that a stranger signed. */
function replayList(): Step {
  return {
    async does({ trust }, model) {
      const older = await trust.takeRevocations(signList(keys[0], { epoch: model.epoch - 1 < 0 ? 0 : model.epoch - 1, iat: nowSeconds(model) + 1 }));
      expect(model.epoch === 0 ? 'accepted unchanged' : 'OLDER').toContain(older);
      expect(await trust.takeRevocations(signList(stranger, { epoch: model.epoch + 9 }))).toBe('BAD_SIGNATURE');
    },
  };
}

function restart(harm: 'none' | 'main truncated' | 'main gone' | 'main swapped for an older one' | 'copy gone'): Step {
  return {
    async does(real, model) {
      await real.clock.persist(true);
      const main = join(real.folder, 'license.jwt');
      if (model.held !== null) {
        if (harm === 'main truncated') await truncate(main, 40);
        if (harm === 'main gone') await rm(main);
        if (harm === 'copy gone') await rm(join(real.folder, 'license.backup.jwt'));
        if (harm === 'main swapped for an older one') await writeFile(main, signLicense(keys[0], testClaims({ version: 0 + model.held.version, iat: model.held.iat - 10 * DAY_SECONDS })));
      }
      // Machine and agent agree when it starts: what a wrong clock does over a restart is the clock's own test.
      real.machine.setWall(new Date(START.getTime() + model.nowMs));
      await real.open();
    },
  };
}

const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 45 }), fc.integer({ min: 0, max: 30 }), fc.constantFrom(...keys, stranger)).map((args) => offer(...args)),
  fc.integer({ min: 0, max: 20 }).map(pass),
  fc.constantFrom(-60, -1, 1, 40, 3650).map(setWall),
  fc.constant(null).map(revokeHeld),
  fc.constant(null).map(replayList),
  fc.constantFrom('none', 'main truncated', 'main gone', 'main swapped for an older one', 'copy gone').map((harm) => restart(harm as Parameters<typeof restart>[0])),
);

describe('whatever happens to a license, in whatever order,', () => {
  it('is where its calendar says, no right refused and none granted wrongly, and every step is one that the table allows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: 25 }), async (steps) => {
        const real = new Real(await temporaryFolder());
        await real.open();
        await real.trust.follow([announce(keys[2], keys[1]), announce(keys[1], keys[0])]);
        const model: Model = { nowMs: 0, held: null, epoch: 0, revoked: new Map() };
        for (const step of steps) {
          await step.does(real, model);
          real.keeper.follow('elapsed');
          expect(real.keeper.standing().state).toBe(expectedState(model));
          expect(real.keeper.standing().claims).toEqual(model.held);
        }
        expect(real.recording.lines.filter(({ msg }) => String(msg).includes('does not lead to'))).toEqual([]);
      }),
      { numRuns: 120 },
    );
  }, 120_000);
});

describe('the table of a license', () => {
  it('is complete: every state, every event, a target', () => {
    for (const state of KEEPER_STATES) for (const event of KEEPER_EVENTS) expect(TRANSITIONS[state][event].length).toBeGreaterThan(0);
  });

  it('lets time and revocations lead on only, and a refusal nowhere', () => {
    const order = ['licensed', 'grace', 'read-only', 'expired'];
    for (const state of KEEPER_STATES) {
      expect(TRANSITIONS[state].refused).toEqual([state]);
      for (const event of ['elapsed', 'revoked'] as const) for (const next of TRANSITIONS[state][event]) expect(order.indexOf(next)).toBeGreaterThanOrEqual(order.indexOf(state));
    }
  });
});
