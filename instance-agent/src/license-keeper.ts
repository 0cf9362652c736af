import { calendarOf, calendarState, type LicenseCalendar, type LicenseClaims, type LicenseVerdict, verifyLicense } from '@iotistic/contracts/license';
import { type FindLicenseKey, namedKeyId } from '@iotistic/contracts/signed-document';
import type { AgentClock } from './clock.ts';
import { LICENSE_FILES, readLicenseFiles, readLicenseMark, writeLicenseFiles } from './license-file.ts';
import { judgeOffer, type KeeperEvent, type KeeperState, type LicenseOrder, type OfferOutcome, STATE_OF, TRANSITIONS } from './license-states.ts';
import type { Log } from './log.ts';
import { Serial } from './serial.ts';
import type { Trust } from './trust.ts';

export interface LicenseStanding {
  state: KeeperState;
  token: string | null;
  claims: LicenseClaims | null;
  /** In force: from a revocation on, the one that begins there. */
  calendar: LicenseCalendar | null;
  revokedAt: Date | null;
}

interface HeldLicense {
  token: string;
  kid: string;
  claims: LicenseClaims;
}

interface KeeperParts {
  folder: string;
  clock: AgentClock;
  log: Log;
  trust: Trust;
  /** False: looks only. The data folder belongs to the agent that runs in it. */
  saves: boolean;
}

const NOTHING: LicenseStanding = { state: 'unlicensed', token: null, claims: null, calendar: null, revokedAt: null };

/** Holds the instance's license: from disk at once, then whatever newer one verifies. */
export class LicenseKeeper {
  private unsaved = false;
  /** A license from file or environment whose key is not known yet: nothing to run on, but the control plane may know it. */
  private unproven: string | null = null;
  private held: HeldLicense | null = null;
  private mark: LicenseOrder | null = null;
  private fileProblem: string | null = null;
  private lastState: KeeperState = 'unlicensed';
  private readonly offers = new Serial();

  private constructor(private readonly parts: KeeperParts) {}

  /** Reads the license files, and the license of the environment beside them; speaks to nobody. */
  static async open(parts: KeeperParts, environmentLicense: string | null): Promise<LicenseKeeper> {
    const keeper = new LicenseKeeper(parts);
    keeper.mark = await readLicenseMark(parts.folder);
    const files = await readLicenseFiles(parts.folder);
    for (const { file, token } of files) keeper.takeFromFile(file, token);
    // A file that is gone or no good is written again from the other.
    const heldBy = files.filter(({ token }) => token === keeper.held?.token);
    keeper.unsaved = keeper.held !== null && heldBy.length < LICENSE_FILES.length;
    // From what the process before it knew to what the files say now: no time has passed for this one.
    keeper.follow('restarted');
    if (environmentLicense !== null) await keeper.offerFrom('environment', environmentLicense, false);
    await keeper.save();
    parts.log.info({ state: keeper.lastState, plan: keeper.held?.claims.plan }, `The license state is ${keeper.lastState}`);
    return keeper;
  }

  /** The license and where it stands now. */
  standing(): LicenseStanding {
    if (this.held === null) return NOTHING;
    const { token, claims, kid } = this.held;
    const revokedAt = this.parts.trust.revokedAt(claims.jti, kid);
    const calendar = calendarOf(claims, revokedAt);
    return { state: STATE_OF[calendarState(calendar, this.parts.clock.now())], token, claims, calendar, revokedAt };
  }

  /** What shows the control plane who we are, where there is no API key. */
  get credential(): string | null {
    return this.held?.token ?? this.unproven;
  }

  /** Why a license file was not taken, until one is written; else null. */
  get problem(): string | null {
    return this.fileProblem;
  }

  /** Takes a license from the control plane: verified first, then written and held. A refusal keeps the one held. */
  async offer(token: string): Promise<OfferOutcome> {
    return this.offerFrom('control plane', token, true);
  }

  /** Goes to where the calendar is now, and logs a change of state, once. What the table does not allow is a fault, and told as one. */
  follow(event: KeeperEvent): void {
    const { state, claims, calendar, revokedAt } = this.standing();
    if (state === this.lastState) return;
    const fields = { event, state, was: this.lastState, plan: claims?.plan, revokedAt: revokedAt ?? undefined, ...calendar };
    if (!TRANSITIONS[this.lastState][event].includes(state)) this.parts.log.error(fields, 'The license came into a state that this event does not lead to');
    if (event !== 'restarted') this.parts.log[state === 'licensed' ? 'info' : 'warn'](fields, `The license state is ${state}`);
    this.lastState = state;
  }

  /** Writes the held license where an earlier write failed: a full disk costs durability, not the license. */
  async saveIfNeeded(): Promise<void> {
    await this.offers.run(() => this.save());
  }

  private async save(): Promise<void> {
    if (!this.parts.saves || !this.unsaved || this.held === null) return;
    try {
      await writeLicenseFiles(this.parts.folder, this.held.token, this.held.claims);
      this.unsaved = false;
      this.fileProblem = null;
    } catch (error) {
      this.parts.log.error({ err: error }, 'The license cannot be written; it is held in memory and will be written later');
    }
  }

  /** The file counts when it is good and not older than what was held here before; the copy repairs it. */
  private takeFromFile(file: string, token: string): void {
    const verdict = this.verify(token, this.parts.trust.findAnyKey);
    const outcome = judgeOffer(this.held?.claims ?? this.mark, verdict);
    if (outcome === 'accepted' && verdict.claims !== null) {
      this.hold(token, verdict.claims);
    } else if (outcome === 'UNKNOWN_KEY') {
      this.setAside(token, file);
    } else if (outcome !== 'unchanged') {
      this.fileProblem = `${file}: ${outcome}`;
      this.parts.log.error({ file, reason: outcome }, 'A license file is not taken');
    }
  }

  private setAside(token: string, source: string): void {
    this.unproven ??= token;
    this.parts.log.warn({ source }, 'The key of a license is not known yet; the first exchange with the control plane brings it');
  }

  private hold(token: string, claims: LicenseClaims): void {
    this.held = { token, claims, kid: namedKeyId(token) ?? '' };
    this.mark = claims;
  }

  private async offerFrom(source: string, token: string, mayFetchKeys: boolean): Promise<OfferOutcome> {
    return this.offers.run(async () => {
      this.follow('elapsed');
      let verdict = this.verify(token, this.parts.trust.findKey);
      if (verdict.state === 'UNKNOWN_KEY' && mayFetchKeys) {
        await this.parts.trust.fetchKeys();
        verdict = this.verify(token, this.parts.trust.findKey);
      }
      const outcome = judgeOffer(this.held?.claims ?? this.mark, verdict);
      if (outcome === 'accepted' && verdict.claims !== null) {
        this.hold(token, verdict.claims);
        this.unsaved = true;
        await this.save();
        this.parts.log.info({ source, plan: verdict.claims.plan, version: verdict.claims.version, jti: verdict.claims.jti }, 'A new license is held');
      } else if (outcome === 'UNKNOWN_KEY' && !mayFetchKeys) {
        this.setAside(token, source);
      } else if (source === 'environment' && this.held !== null && (outcome === 'OLDER' || outcome === 'REVOKED')) {
        // It began with that one, and has had newer ones since: so it is at every restart.
        this.parts.log.debug({ source, reason: outcome }, 'A newer license than the one of the environment is held');
      } else if (outcome !== 'unchanged') {
        this.parts.log.error({ source, reason: outcome }, 'A license was offered and refused; the one held stays');
      }
      this.follow(outcome === 'accepted' ? 'accepted' : 'elapsed');
      if (outcome !== 'accepted') this.follow('refused');
      return outcome;
    });
  }

  /** A good signature also tells a time: the true one cannot be earlier. */
  private verify(token: string, findKey: FindLicenseKey): LicenseVerdict {
    const { trust, clock } = this.parts;
    const isRevoked = (jti: string, kid: string): boolean => trust.revokedAt(jti, kid) !== null && findKey !== trust.findAnyKey;
    const verdict = verifyLicense(token, { findKey, now: clock.now(), isRevoked });
    if (verdict.claims === null) return verdict;
    clock.observeSigned(new Date(verdict.claims.iat * 1000));
    return verifyLicense(token, { findKey, now: clock.now(), isRevoked });
  }
}
