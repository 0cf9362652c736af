import type { KeyObject } from 'node:crypto';
import { calendarOf, calendarState, verifyLicense, type LicenseClaims, type LicenseState, type LicenseVerdict } from '@iotistic/contracts/license';
import type { AgentClock } from './clock.ts';
import { readKeySet, readLicenseFile, writeKeySet, writeLicenseFile, type KeySet } from './license-file.ts';
import type { Log } from './log.ts';
import { Serial } from './serial.ts';

/** What an instance is in. From `grace` on the calendar of the license runs; `expired` and `unlicensed` have the unlicensed limits. */
export type KeeperState = 'unlicensed' | 'licensed' | 'grace' | 'read-only' | 'expired';

export interface LicenseStanding {
  state: KeeperState;
  token: string | null;
  claims: LicenseClaims | null;
}

/** What became of a license that was offered: taken, the very one that is held, or refused with the reason. */
export type OfferOutcome = 'accepted' | 'unchanged' | 'OTHER_CUSTOMER' | 'OLDER' | Exclude<LicenseState, 'VALID' | 'GRACE' | 'READ_ONLY' | 'EXPIRED'>;

const STATE_OF = { VALID: 'licensed', GRACE: 'grace', READ_ONLY: 'read-only', EXPIRED: 'expired' } as const satisfies Record<string, KeeperState>;

/**
 * Whether a license with a good signature replaces the one held. Where on its calendar it stands does not matter: a
 * cancelled customer's newest license is the truth as well.
 */
export function judgeOffer(held: LicenseClaims | null, offered: LicenseVerdict): OfferOutcome {
  if (offered.claims === null || !Object.hasOwn(STATE_OF, offered.state)) return offered.state as OfferOutcome;
  if (held === null) return 'accepted';
  const claims = offered.claims;
  if (claims.customerId !== held.customerId) return 'OTHER_CUSTOMER';
  if (claims.version < held.version || (claims.version === held.version && claims.iat < held.iat)) return 'OLDER';
  return claims.jti === held.jti ? 'unchanged' : 'accepted';
}

interface KeeperParts {
  folder: string;
  clock: AgentClock;
  log: Log;
  /** LICENSE_PUBLIC_KEY: when given, the only keys that are believed. */
  pinnedKeys: readonly KeyObject[];
  /** Asks the control plane for its keys; only used while none are pinned. */
  fetchKeys: () => Promise<KeySet>;
  /** False: looks only. The data folder belongs to the agent that runs in it. */
  saves: boolean;
}

/** Holds the instance's license: from disk at once, then whatever newer one verifies. */
export class LicenseKeeper {
  private unsaved = false;
  /** A license from file or environment whose key is not known yet: nothing to run on, but the control plane may know it. */
  private unproven: string | null = null;
  private held: { token: string; claims: LicenseClaims } | null = null;
  private keys: KeySet = new Map();
  private lastState: KeeperState | null = null;
  private readonly offers = new Serial();

  private constructor(private readonly parts: KeeperParts) {}

  /** Reads the license file, and the license of the environment beside it; speaks to nobody. */
  static async open(parts: KeeperParts, environmentLicense: string | null): Promise<LicenseKeeper> {
    const keeper = new LicenseKeeper(parts);
    keeper.keys = await readKeySet(parts.folder);
    const token = await readLicenseFile(parts.folder);
    if (token !== null) await keeper.takeFromFile(token);
    if (environmentLicense !== null) await keeper.offerFrom('environment', environmentLicense, false);
    keeper.noticeState();
    return keeper;
  }

  /** The license and where it stands now. */
  standing(): LicenseStanding {
    if (this.held === null) return { state: 'unlicensed', token: null, claims: null };
    return { state: STATE_OF[calendarState(calendarOf(this.held.claims), this.parts.clock.now())], ...this.held };
  }

  /** What shows the control plane who we are, where there is no API key. */
  get credential(): string | null {
    return this.held?.token ?? this.unproven;
  }

  /** Takes a license from the control plane: verified first, then written and held. A refusal keeps the one held. */
  async offer(token: string): Promise<OfferOutcome> {
    return this.offerFrom('control plane', token, true);
  }

  /** Logs a change of state, once. */
  noticeState(): void {
    const { state, claims } = this.standing();
    if (state === this.lastState) return;
    const fields = { state, was: this.lastState, plan: claims?.plan, ...claims?.degradation };
    if (state === 'licensed' || this.lastState === null) this.parts.log.info(fields, `The license state is ${state}`);
    else this.parts.log.warn(fields, `The license state is ${state}`);
    this.lastState = state;
  }

  /** Writes the held license where an earlier write failed: a full disk costs durability, not the license. */
  async saveIfNeeded(): Promise<void> {
    await this.offers.run(() => this.save());
  }

  private async save(): Promise<void> {
    if (!this.parts.saves || !this.unsaved || this.held === null) return;
    try {
      await writeLicenseFile(this.parts.folder, this.held.token);
      this.unsaved = false;
    } catch (error) {
      this.parts.log.error({ err: error }, 'The license cannot be written; it is held in memory and will be written later');
    }
  }

  private async takeFromFile(token: string): Promise<void> {
    const verdict = await this.verify(token, false);
    if (judgeOffer(null, verdict) === 'accepted' && verdict.claims !== null) this.held = { token, claims: verdict.claims };
    else if (verdict.state === 'UNKNOWN_KEY') this.setAside(token, 'file');
    else this.parts.log.error({ reason: verdict.state }, 'The license file is not believed; the instance runs without it');
  }

  private setAside(token: string, source: string): void {
    this.unproven ??= token;
    this.parts.log.warn({ source }, 'The key of a license is not known yet; the first exchange with the control plane brings it');
  }

  private async offerFrom(source: string, token: string, mayFetchKeys: boolean): Promise<OfferOutcome> {
    return this.offers.run(async () => {
      const verdict = await this.verify(token, mayFetchKeys);
      const outcome = judgeOffer(this.held?.claims ?? null, verdict);
      if (outcome === 'accepted' && verdict.claims !== null) {
        this.held = { token, claims: verdict.claims };
        this.unsaved = true;
        await this.save();
        this.parts.log.info({ source, plan: verdict.claims.plan, version: verdict.claims.version, jti: verdict.claims.jti }, 'A new license is held');
      } else if (outcome === 'UNKNOWN_KEY' && !mayFetchKeys) {
        this.setAside(token, source);
      } else if (outcome !== 'unchanged') {
        this.parts.log.error({ source, reason: outcome }, 'A license was offered and refused; the one held stays');
      }
      this.noticeState();
      return outcome;
    });
  }

  /** Verifies by the pinned keys or the cached ones; an unknown key is asked for once. A good signature also tells a time. */
  private async verify(token: string, mayFetchKeys: boolean): Promise<LicenseVerdict> {
    let verdict = await this.verifyOnce(token);
    if (verdict.state === 'UNKNOWN_KEY' && mayFetchKeys && this.parts.pinnedKeys.length === 0) {
      await this.refreshKeys();
      verdict = await this.verifyOnce(token);
    }
    if (verdict.claims === null) return verdict;
    this.parts.clock.observeSigned(new Date(verdict.claims.iat * 1000));
    return this.verifyOnce(token);
  }

  private async verifyOnce(token: string): Promise<LicenseVerdict> {
    const now = this.parts.clock.now();
    if (this.parts.pinnedKeys.length === 0) return verifyLicense(token, { now, findKey: (kid) => this.keys.get(kid) ?? null });
    // A PEM has no id: each pinned key is tried.
    let verdict: LicenseVerdict = { state: 'BAD_SIGNATURE', valid: false, claims: null };
    for (const key of this.parts.pinnedKeys) {
      verdict = await verifyLicense(token, { now, findKey: () => key });
      if (verdict.state !== 'BAD_SIGNATURE') return verdict;
    }
    return verdict;
  }

  /** The key that signed the held license stays known, though the control plane may have retired it. */
  private async refreshKeys(): Promise<void> {
    const fetched = new Map(await this.parts.fetchKeys());
    const heldKid = this.held === null ? null : keyIdOf(this.held.token);
    const heldKey = heldKid === null ? undefined : this.keys.get(heldKid);
    if (heldKid !== null && heldKey !== undefined && !fetched.has(heldKid)) fetched.set(heldKid, heldKey);
    this.keys = fetched;
    if (!this.parts.saves) return;
    await writeKeySet(this.parts.folder, fetched).catch((error: unknown) => this.parts.log.error({ err: error }, 'The signing keys cannot be written; they are held in memory'));
  }
}

/** The key id in the header of a token that was verified before. */
function keyIdOf(token: string): string | null {
  const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
  return typeof header === 'object' && header !== null && 'kid' in header && typeof header.kid === 'string' ? header.kid : null;
}
