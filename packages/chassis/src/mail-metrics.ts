import type { SubgraphName } from '@iotistic/contracts/caller';
import type { Clock } from './clock.ts';
import type { Db } from './database.ts';
import type { MailStatus, MailTables } from './mail-outbox.ts';
import type { Metrics } from './metrics.ts';

/** What is counted of the mails of a subgraph. */
export interface MailMetrics {
  /** @param status what an attempt came to. */
  attempted(status: MailStatus): void;
}

const OUTCOMES = ['SENT', 'PENDING', 'UNKNOWN', 'FAILED'] as const satisfies readonly MailStatus[];

export function createMailMetrics(options: { service: SubgraphName; db: Db<MailTables>; clock: Clock; metrics: Metrics }): MailMetrics {
  const { service, db, clock, metrics } = options;
  const attempts = metrics.counter('iotistic_mails_total', 'Attempts to send a mail, by what they came to: sent, to be tried again (pending), of unknown fate, or given up (failed)', ['service', 'outcome']);
  const waiting = metrics.gauge('iotistic_mails_waiting', 'Mails that are to be sent', ['service']);
  const oldest = metrics.gauge('iotistic_mails_oldest_seconds', 'Age of the oldest of them; 0 when none waits', ['service']);
  for (const outcome of OUTCOMES) attempts.inc({ service, outcome: outcome.toLowerCase() }, 0);
  metrics.onScrape(`mails of ${service}`, async () => {
    const found = await db.selectFrom('mails').select((select) => [select.fn.countAll<number>().as('count'), select.fn.min('created_at').as('oldest')]).where('status', 'in', ['PENDING', 'SENDING']).executeTakeFirstOrThrow();
    waiting.set({ service }, found.count);
    oldest.set({ service }, found.count === 0 ? 0 : Math.max(0, (clock.now().getTime() - found.oldest.getTime()) / 1000));
  });
  return { attempted: (status) => attempts.inc({ service, outcome: status.toLowerCase() }) };
}
