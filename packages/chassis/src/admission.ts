import { LRUCache } from 'lru-cache';
import { SerialByKey } from './serial-by-key.ts';

/** What a service knows of a group and of one that wants to join it. */
export interface GroupState {
  isMember: boolean;
  members: number;
  /** Of those that were admitted lately: the ones that are stored by now, and so are among the members. */
  stored: readonly string[];
  /** Null is no limit. */
  maximum: number | null;
}

const MAX_KNOWN = 100_000;
/** One that was admitted and is not stored by then came to nothing. */
const ARRIVES_WITHIN_MS = 5 * 60_000;
const MAX_ARRIVING = 10_000;

/**
 * Lets new members into groups up to a maximum, before anything is stored of them. Known members are let through without a
 * look. Within a process the maximum holds exactly; N processes that admit at the same instant may exceed it by N − 1.
 */
export class Admission {
  readonly #members = new LRUCache<string, true>({ max: MAX_KNOWN });
  readonly #arriving = new LRUCache<string, string>({ max: MAX_ARRIVING, ttl: ARRIVES_WITHIN_MS });
  readonly #turns = new SerialByKey();
  readonly #look: (group: string, member: string, arriving: readonly string[]) => Promise<GroupState>;

  constructor(look: (group: string, member: string, arriving: readonly string[]) => Promise<GroupState>) {
    this.#look = look;
  }

  /** True at once for a member that is known here; later for one that is stored, or new where there is room. */
  admits(group: string, member: string): true | Promise<boolean> {
    if (this.#members.get(member) === true) return true;
    return this.#turns.run(group, () => this.#decide(group, member));
  }

  async #decide(group: string, member: string): Promise<boolean> {
    const arriving = [...this.#arriving.entries()].flatMap(([id, of]) => (of === group && id !== member ? [id] : []));
    const state = await this.#look(group, member, arriving);
    for (const id of state.stored) this.#arriving.delete(id);
    const isAdmitted =
      state.isMember || state.maximum === null || state.members + arriving.length - state.stored.length < state.maximum;
    if (!isAdmitted) return false;
    if (state.isMember) this.#arriving.delete(member);
    else this.#arriving.set(member, group);
    if (state.isMember) this.#members.set(member, true);
    return true;
  }
}
