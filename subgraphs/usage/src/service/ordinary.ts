import { LRUCache } from 'lru-cache';
import type { Decision, Submission } from '../domain/fates.ts';
import type { LockedInstance } from '../repository/instances.ts';

/** Those who report by the hour are known when they come again. */
const KNOWN_FOR_MS = 3 * 3_600_000;
const REPEATS_FOR_MS = 60_000;
/** Some 30 MB. */
const MAX_KNOWN = 100_000;

/**
 * Instances that go on as they did: the terms that their reports were counted under last, of those that do not send what was sent
 * before. It is a guess, which whoever writes by it has the database confirm.
 */
export class Ordinary {
  readonly #known = new LRUCache<string, LockedInstance>({ max: MAX_KNOWN, ttl: KNOWN_FOR_MS });
  /** Who sends again does so more often: a guess that is wrong costs its group a second attempt. */
  readonly #repeating = new LRUCache<string, true>({ max: MAX_KNOWN, ttl: REPEATS_FOR_MS });

  /** All instances of these calls, by id; null where one of them is none of these. */
  find(submissions: readonly Submission[]): Map<string, LockedInstance> | null {
    const found = new Map<string, LockedInstance>();
    for (const { instanceId } of submissions) {
      const known = found.get(instanceId) ?? this.#known.get(instanceId);
      if (known === undefined) return null;
      found.set(instanceId, known);
    }
    return found;
  }

  /** @param locked as the database has them. */
  learn(submissions: readonly Submission[], { outcomes }: Decision, locked: ReadonlyMap<string, LockedInstance>): void {
    submissions.forEach(({ instanceId, rejected }, index) => {
      const outcome = outcomes[index];
      if (outcome !== undefined && (outcome.duplicates > 0 || outcome.rejected.length > rejected.length)) this.#repeating.set(instanceId, true);
    });
    for (const [id, instance] of locked) if (!this.#repeating.has(id)) this.#known.set(id, instance);
  }

  forget(ids: Iterable<string>): void {
    for (const id of ids) this.#known.delete(id);
  }
}
