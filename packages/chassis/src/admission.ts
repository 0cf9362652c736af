import { LRUCache } from 'lru-cache';

/** What a service knows of a group and of those who want to join it. */
export interface GroupState {
  /** Those among the candidates that are members already. */
  known: readonly string[];
  members: number;
  /** Of those that were admitted lately: the ones that are stored by now, and so are among the members. */
  stored: readonly string[];
  /** Null is no limit. */
  maximum: number | null;
}

/** Reads the state of a group. */
export type LookAtGroup = (group: string, candidates: readonly string[], arriving: readonly string[]) => Promise<GroupState>;

interface Waiting {
  member: string;
  resolve(isAdmitted: boolean): void;
  reject(error: unknown): void;
}

const MAX_KNOWN = 100_000;
/** One that was admitted and is not stored by then came to nothing. */
const ARRIVES_WITHIN_MS = 5 * 60_000;
const MAX_ARRIVING = 10_000;

/**
 * Lets new members into groups up to a maximum, before anything is stored of them. Known members are let through without a
 * look; all others that wait for the same group share one. Within a process the maximum holds exactly; N processes that
 * admit at the same instant may exceed it by what the others admitted meanwhile.
 */
export class Admission {
  readonly #members = new LRUCache<string, true>({ max: MAX_KNOWN });
  readonly #arriving = new LRUCache<string, string>({ max: MAX_ARRIVING, ttl: ARRIVES_WITHIN_MS });
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #look: LookAtGroup;

  constructor(look: LookAtGroup) {
    this.#look = look;
  }

  /** True at once for a member that is known here; later for one that is stored, or new where there is room. */
  admits(group: string, member: string): true | Promise<boolean> {
    if (this.#members.get(member) === true) return true;
    return new Promise((resolve, reject) => {
      const line = this.#waiting.get(group);
      this.#waiting.set(group, [...(line ?? []), { member, resolve, reject }]);
      // Those of the same turn of the event loop are decided together.
      if (line === undefined) setImmediate(() => void this.#decideAll(group));
    });
  }

  /** Decides over all who wait, and over those who came meanwhile, one look after the other. */
  async #decideAll(group: string): Promise<void> {
    for (let line = this.#take(group); line.length > 0; line = this.#take(group)) {
      try {
        const admitted = await this.#decide(group, [...new Set(line.map(({ member }) => member))]);
        for (const { member, resolve } of line) resolve(admitted.has(member));
      } catch (error) {
        for (const { reject } of line) reject(error);
      }
    }
    this.#waiting.delete(group);
  }

  #take(group: string): Waiting[] {
    const line = this.#waiting.get(group) ?? [];
    this.#waiting.set(group, []);
    return line;
  }

  async #decide(group: string, candidates: readonly string[]): Promise<Set<string>> {
    const arriving = [...this.#arriving.entries()].flatMap(([id, of]) => (of === group ? [id] : []));
    const { known, members, stored, maximum } = await this.#look(group, candidates, arriving);
    for (const id of stored) this.#arriving.delete(id);
    for (const id of known) this.#members.set(id, true);
    const admitted = new Set([...known, ...arriving.filter((id) => candidates.includes(id))]);
    let taken = members + arriving.length - stored.length;
    for (const id of candidates) {
      if (admitted.has(id) || (maximum !== null && taken >= maximum)) continue;
      admitted.add(id);
      this.#arriving.set(id, group);
      taken += 1;
    }
    return admitted;
  }
}
