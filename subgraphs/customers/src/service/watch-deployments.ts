import { LiveEvent } from '@iotistic/chassis/live-event';
import { PulledIterator } from '@iotistic/chassis/pulled-iterator';
import type { CustomersApp } from '../app.ts';
import type { Deployment } from '../domain/deployment.ts';
import { findDeployments, listRecentDeployments } from '../repository/deployments.ts';

type App = Pick<CustomersApp, 'db' | 'live' | 'log' | 'clock'>;

/** After a gap so many of the newest are looked at: more are hardly under way at once. */
const MAX_RECENT = 100;
/** One that ended so long before the gap may have been told of after it. */
const OVERLAP_MS = 60_000;

/** Each change of a customer's deployments from now on; of one that changes faster than it is read, the newest. */
export function watchDeployments(app: App, customerId: string, after?: string | null): PulledIterator<LiveEvent<Deployment>> {
  const watch = new Watch(app, customerId, after ?? null);
  const events = new PulledIterator<LiveEvent<Deployment>>({
    first: [watch.begin()],
    read: () => watch.read(),
    onFailure: (err) => app.log.warn({ err, customer: customerId }, 'changes of deployments could not be read'),
    onReturn() {
      for (const stop of stops) stop();
    },
  });
  const stops = [
    app.live.subscribe(`deployment:${customerId}`, (id) => {
      watch.hear(id);
      events.wake();
    }),
    app.live.onGap(() => {
      watch.fallBehind();
      events.wake();
    }),
  ];
  events.wake();
  return events;
}

class Watch {
  readonly #app: App;
  readonly #customerId: string;
  /** The revision of each that was passed on last. */
  readonly #seen = new Map<string, number>();
  readonly #told = new Set<string>();
  /** What had ended by then is known to the reader. */
  readonly #sinceMs: number;
  #isBehind: boolean;

  constructor(app: App, customerId: string, after: string | null) {
    this.#app = app;
    this.#customerId = customerId;
    const isResumed = after !== null && /^\d{1,15}$/.test(after);
    this.#sinceMs = isResumed ? Number(after) : app.clock.now().getTime();
    this.#isBehind = isResumed;
  }

  begin(): LiveEvent<Deployment> {
    return new LiveEvent<Deployment>(null, { position: String(this.#sinceMs) });
  }

  hear(id: string): void {
    this.#told.add(id);
  }

  fallBehind(): void {
    this.#isBehind = true;
  }

  async read(): Promise<LiveEvent<Deployment>[] | null> {
    if (!this.#isBehind && this.#told.size === 0) return null;
    const isBehind = this.#isBehind;
    const ids = [...this.#told];
    this.#told.clear();
    this.#isBehind = false;
    const position = String(this.#app.clock.now().getTime());
    try {
      const named = ids.length === 0 ? [] : await findDeployments(this.#app.db, ids);
      const recent = isBehind ? await listRecentDeployments(this.#app.db, this.#customerId, MAX_RECENT) : [];
      const rows = [...recent.filter((row) => this.#mayBeNew(row)), ...named].toReversed();
      return rows.filter((row) => this.#isNew(row)).map((row) => new LiveEvent(row, { position }));
    } catch (error) {
      for (const id of ids) this.#told.add(id);
      this.#isBehind ||= isBehind;
      throw error;
    }
  }

  #mayBeNew({ finishedAt }: Deployment): boolean {
    return finishedAt === null || finishedAt.getTime() >= this.#sinceMs - OVERLAP_MS;
  }

  #isNew({ id, customerId, revision }: Deployment): boolean {
    if (customerId !== this.#customerId || revision <= (this.#seen.get(id) ?? 0)) return false;
    this.#seen.set(id, revision);
    return true;
  }
}
