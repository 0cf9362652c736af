import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { type Kysely, sql } from 'kysely';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** What one caller may do over time. */
export interface CallRules {
  /** Calls an hour, on average; 0 is no limit. */
  perHour: number;
  /** Calls that a caller who was quiet may make at once. */
  burst: number;
}

/** Where the processes of a service keep what callers have spent. */
export interface CallStore {
  /**
   * Adds what was spent, and answers until when the caller has spent its time, over all processes.
   * @param spentMs the calls times the pause that each costs.
   */
  spend(key: string, spentMs: number, now: Date): Promise<Date>;
  /** Removes entries that say nothing any more: at most `limit`. */
  prune(now: Date, limit: number): Promise<void>;
}

interface Budget {
  spentUntilMs: number;
  /** What the store has not heard of, in milliseconds, and of how many calls. */
  unsaid: number;
  unsaidCalls: number;
  isSaying: boolean;
}

const HOUR_MS = 3_600_000;
/** A caller below this never costs a statement; above it, one statement for so many calls. */
const CALLS_PER_STATEMENT = 32;
/** Some 20 MB. */
const MAX_KNOWN = 100_000;

/**
 * Limits calls by caller: the generic cell rate algorithm (ITU-T I.371), one number a caller. It is decided in memory and
 * shared through the store, so N processes let through at most 32 × N calls more than the rule; while the store does not
 * answer, each process counts for itself.
 */
export class CallBudgets {
  readonly #known = new LRUCache<string, Budget>({ max: MAX_KNOWN });
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  readonly #options: { store: CallStore; clock: Clock; log: Log };

  constructor(rules: CallRules, options: { store: CallStore; clock: Clock; log: Log }) {
    this.#options = options;
    this.#intervalMs = rules.perHour === 0 ? 0 : HOUR_MS / rules.perHour;
    this.#toleranceMs = rules.burst * this.#intervalMs;
  }

  /**
   * Counts a call of this caller.
   * @param weight as how many calls it counts. One that is heavier than the whole burst counts as the burst.
   * @returns null, or the seconds after which it may be made: then it was not counted.
   */
  take(key: string, weight = 1): number | null {
    if (this.#intervalMs === 0) return null;
    const nowMs = this.#options.clock.now().getTime();
    const budget = this.#known.get(key) ?? this.#meet(key);
    const spentMs = Math.min(weight * this.#intervalMs, this.#toleranceMs);
    const spentUntilMs = Math.max(budget.spentUntilMs, nowMs) + spentMs;
    const tooMuchMs = spentUntilMs - nowMs - this.#toleranceMs;
    if (tooMuchMs > 0) return Math.ceil(tooMuchMs / 1000);
    budget.spentUntilMs = spentUntilMs;
    budget.unsaid += spentMs;
    budget.unsaidCalls += 1;
    if (budget.unsaidCalls >= CALLS_PER_STATEMENT && !budget.isSaying) void this.#say(key, budget);
    return null;
  }

  #meet(key: string): Budget {
    const budget = { spentUntilMs: 0, unsaid: 0, unsaidCalls: 0, isSaying: false };
    this.#known.set(key, budget);
    return budget;
  }

  async #say(key: string, budget: Budget): Promise<void> {
    const { store, clock, log } = this.#options;
    const [saying, calls] = [budget.unsaid, budget.unsaidCalls];
    budget.isSaying = true;
    try {
      const spentUntil = await store.spend(key, saying, clock.now());
      budget.unsaid -= saying;
      budget.unsaidCalls -= calls;
      budget.spentUntilMs = Math.max(budget.spentUntilMs, spentUntil.getTime() + budget.unsaid);
    } catch (err) {
      log.debug({ err }, 'call budgets are not shared at the moment');
    } finally {
      budget.isSaying = false;
    }
  }
}

/** Called by the migration of a service that limits calls. */
export async function createCallBudgetTable(db: Kysely<unknown>): Promise<void> {
  // Losing it in a crash costs nobody anything, so it is not written to the log.
  await sql`create unlogged table call_budgets (key text primary key, spent_until timestamptz not null)`.execute(db);
  await sql`create index call_budgets_over on call_budgets (spent_until)`.execute(db);
}

/** The store of a service whose schema has the table. */
export function databaseCallStore<T>(db: Kysely<T>): CallStore {
  return {
    async spend(key, spentMs, now) {
      const { rows } = await sql<{ spent_until: Date }>`
        insert into call_budgets as kept (key, spent_until)
        values (${key}, ${new Date(now.getTime() + spentMs)})
        on conflict (key) do update
          set spent_until = greatest(kept.spent_until, ${now}::timestamptz) + ${Math.round(spentMs)} * interval '1 millisecond'
        returning spent_until`.execute(db);
      return rows[0]?.spent_until ?? now;
    },
    async prune(now, limit) {
      await sql`
        delete from call_budgets where key in (
          select key from call_budgets where spent_until < ${now} order by spent_until limit ${limit} for update skip locked
        )`.execute(db);
    },
  };
}

/** The store of a service that has Redis. */
export function redisCallStore(redis: Pick<Redis, 'eval'>, prefix: string): CallStore {
  return {
    async spend(key, spentMs, now) {
      const until = await redis.eval(SPEND, 1, `${prefix}:${key}`, String(now.getTime()), String(Math.round(spentMs)));
      return new Date(Number(until));
    },
    // Redis removes what is over.
    prune: () => Promise.resolve(),
  };
}

/** The store of a process that shares with nobody. */
export const noCallStore: CallStore = { spend: (_key, _spentMs, now) => Promise.resolve(now), prune: () => Promise.resolve() };

const SPEND = `
local spent_until = math.max(tonumber(redis.call('get', KEYS[1]) or '0'), tonumber(ARGV[1])) + tonumber(ARGV[2])
redis.call('set', KEYS[1], string.format('%d', spent_until), 'PX', string.format('%d', spent_until - tonumber(ARGV[1]) + 1))
return string.format('%d', spent_until)`;
