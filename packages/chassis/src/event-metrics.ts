import type { SubgraphName } from '@iotistic/contracts/caller';
import type { Kysely } from 'kysely';
import type { Clock } from './clock.ts';
import type { Metrics } from './metrics.ts';
import type { EventTables } from './outbox.ts';

const LAG_BUCKETS_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600];

/** What is counted of the events that a subgraph says and hears. */
export interface EventMetrics {
  relayed(count: number): void;
  /** @param saidAt when it was written down, by the plane's clock; null where an earlier version said it. */
  handled(saidAt: string | null): void;
}

/** Shows besides what of the outbox still waits, and for how long. */
export function createEventMetrics(options: { service: SubgraphName; db: Kysely<EventTables>; clock: Clock; metrics: Metrics }): EventMetrics {
  const { service, db, clock, metrics } = options;
  const waiting = metrics.gauge('iotistic_outbox_waiting_events', 'Events that were said and not handed to a queue yet', ['service']);
  const oldest = metrics.gauge('iotistic_outbox_oldest_seconds', 'Age of the oldest of them; 0 when none waits', ['service']);
  const relayed = metrics.counter('iotistic_outbox_relayed_events_total', 'Events that were handed to the queues of their readers', ['service']);
  const handled = metrics.histogram('iotistic_event_lag_seconds', 'From when an event was said until this service had handled it', ['service'], LAG_BUCKETS_SECONDS);
  const now = (): number => clock.now().getTime();
  relayed.inc({ service }, 0);
  handled.zero({ service });
  metrics.onScrape(`outbox of ${service}`, async () => {
    const { count } = await db.selectFrom('outbox').select((select) => select.fn.countAll<number>().as('count')).where('relayed_at', 'is', null).executeTakeFirstOrThrow();
    const first = count === 0 ? undefined : await db.selectFrom('outbox').select('created_at').where('relayed_at', 'is', null).orderBy('position').limit(1).executeTakeFirst();
    waiting.set({ service }, count);
    oldest.set({ service }, first === undefined ? 0 : Math.max(0, (now() - first.created_at.getTime()) / 1000));
  });
  return {
    relayed: (count) => relayed.inc({ service }, count),
    handled(saidAt) {
      if (saidAt !== null) handled.observe({ service }, Math.max(0, (now() - Date.parse(saidAt)) / 1000));
    },
  };
}
