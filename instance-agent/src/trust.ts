import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { followAnnouncements, keyIdOf, verifyKeyAnnouncement } from '@iotistic/contracts/key-announcement';
import { isNewerList, type RevocationClaims, type RevocationListState, revocationOf, STALE_REVOCATION_LIST_DAYS, verifyRevocationList } from '@iotistic/contracts/revocation-list';
import { type FindLicenseKey, namedKeyId } from '@iotistic/contracts/signed-document';
import { unwrapToken } from '@iotistic/contracts/wrapped-token';
import { z } from 'zod';
import { readIfExists, writeDurably } from './durable-file.ts';
import { type KeySet, readKeySet, writeKeySet } from './license-file.ts';
import type { Log } from './log.ts';

const LIST_FILE = 'revocations.jwt';
const ANNOUNCEMENTS_FILE = 'announcements.json';
const DAY_MS = 86_400_000;
/** More than any control plane rotates through within the life of a license. */
const MAX_KEYS = 200;

/** What became of a list of revocations that came along. */
export type ListOutcome = 'accepted' | 'unchanged' | 'OLDER' | Exclude<RevocationListState, 'GOOD'>;

interface TrustParts {
  folder: string;
  log: Log;
  /** LICENSE_PUBLIC_KEY: when given, only these keys are believed, and those that follow from them. */
  pinnedKeys: readonly KeyObject[];
  /** Asks the control plane for its keys; only used while none are pinned. */
  fetchKeys: () => Promise<KeySet>;
  /** False: looks only. */
  saves: boolean;
}

/**
 * Whom the agent believes: the keys that were given or fetched, those that they announced, and the newest list of what was
 * revoked. All of it is on disk, and what was signed is checked again when it is read.
 */
export class Trust {
  private fetched: KeySet = new Map();
  private announced: KeySet = new Map();
  private announcements: string[] = [];
  private held: { token: string; claims: RevocationClaims } | null = null;
  private readonly pinned: KeySet;

  private constructor(private readonly parts: TrustParts) {
    this.pinned = new Map(parts.pinnedKeys.map((key) => [keyIdOf(key), key]));
  }

  static async open(parts: TrustParts): Promise<Trust> {
    const trust = new Trust(parts);
    if (trust.pinned.size === 0) trust.fetched = await readKeySet(parts.folder);
    trust.announcements = await readAnnouncements(parts.folder);
    trust.announced = followAnnouncements(trust.announcements, trust.findAnyKey);
    const list = unwrapToken((await readIfExists(join(parts.folder, LIST_FILE))) ?? '');
    if (list !== '') trust.readList(list);
    return trust;
  }

  /** The key with this id, unless it is compromised: what such a key signs now could be anybody's. */
  readonly findKey: FindLicenseKey = (kid) => (this.isCompromised(kid) ? null : this.findAnyKey(kid));

  /** Compromised ones too: a license that was held before is revoked, not forged. */
  readonly findAnyKey: FindLicenseKey = (kid) => this.pinned.get(kid) ?? this.fetched.get(kid) ?? this.announced.get(kid) ?? null;

  isCompromised(kid: string): boolean {
    return this.held?.claims.keys.some((key) => key.kid === kid) ?? false;
  }

  /** When the license with this id, signed with this key, was revoked; null when it was not, as far as is known. */
  revokedAt(jti: string, kid: string): Date | null {
    return revocationOf(this.held?.claims ?? null, jti, kid);
  }

  /** Of the list that is held; null without one. */
  get list(): { epoch: number; issuedAt: Date } | null {
    return this.held === null ? null : { epoch: this.held.claims.epoch, issuedAt: new Date(this.held.claims.iat * 1000) };
  }

  /** A list that is a week old is worth a word; it blocks nothing. */
  isListStale(now: Date): boolean {
    return this.list !== null && now.getTime() - this.list.issuedAt.getTime() > STALE_REVOCATION_LIST_DAYS * DAY_MS;
  }

  /** Takes the keys that a believed key announced. What is not signed so is passed over, and not kept: it would only fill the room. */
  async follow(announcements: readonly string[]): Promise<void> {
    // A key that is compromised announces nothing new; what it announced while it was believed stays.
    const fresh = announcements.filter((announcement) => !this.announcements.includes(announcement) && !this.isCompromised(namedKeyId(announcement) ?? ''));
    const learned = fresh.length === 0 ? null : followAnnouncements(fresh, this.findAnyKey);
    if (learned === null || learned.size === 0) return;
    this.announced = new Map([...this.announced, ...learned]);
    this.announcements = [...this.announcements, ...fresh.filter((announcement) => verifyKeyAnnouncement(announcement, this.findAnyKey) !== null)];
    if (!this.parts.saves) return;
    await writeDurably(join(this.parts.folder, ANNOUNCEMENTS_FILE), `${JSON.stringify(this.announcements)}\n`).catch((error: unknown) => this.parts.log.error({ err: error }, 'The announced keys cannot be written; they are held in memory'));
  }

  /** Takes a list that is newer than the one held; an older one is somebody's replay. */
  async takeRevocations(token: string): Promise<ListOutcome> {
    if (token === this.held?.token) return 'unchanged';
    let { state, claims } = verifyRevocationList(token, this.findKey);
    if (state === 'UNKNOWN_KEY') {
      await this.fetchKeys();
      ({ state, claims } = verifyRevocationList(token, this.findKey));
    }
    if (state !== 'GOOD' || claims === null) return this.refuseList(state === 'GOOD' ? 'MALFORMED' : state);
    if (!isNewerList(claims, this.held?.claims ?? null)) return claims.epoch === this.held?.claims.epoch ? 'unchanged' : this.refuseList('OLDER');
    this.held = { token, claims };
    if (this.parts.saves) await writeDurably(join(this.parts.folder, LIST_FILE), `${token}\n`).catch((error: unknown) => this.parts.log.error({ err: error }, 'The list of revocations cannot be written; it is held in memory'));
    return 'accepted';
  }

  /** Asks for the keys, unless some are pinned. Those that are known stay, though the control plane may have retired them: what they signed was good. */
  async fetchKeys(): Promise<void> {
    if (this.pinned.size > 0) return;
    const fetched = new Map([...this.fetched, ...(await this.parts.fetchKeys())]);
    this.fetched = new Map([...fetched].slice(-MAX_KEYS));
    if (!this.parts.saves) return;
    await writeKeySet(this.parts.folder, this.fetched).catch((error: unknown) => this.parts.log.error({ err: error }, 'The signing keys cannot be written; they are held in memory'));
  }

  private readList(token: string): void {
    const { state, claims } = verifyRevocationList(token, this.findAnyKey);
    if (claims === null) this.parts.log.warn({ file: LIST_FILE, reason: state }, 'The list of revocations on disk is not believed; the next contact brings it');
    else this.held = { token, claims };
  }

  private refuseList(outcome: Exclude<ListOutcome, 'accepted' | 'unchanged'>): ListOutcome {
    this.parts.log.error({ reason: outcome }, 'A list of revocations was offered and refused; the one held stays');
    return outcome;
  }
}

async function readAnnouncements(folder: string): Promise<string[]> {
  try {
    return z.array(z.string()).parse(JSON.parse((await readIfExists(join(folder, ANNOUNCEMENTS_FILE))) ?? '[]'));
  } catch {
    return [];
  }
}
