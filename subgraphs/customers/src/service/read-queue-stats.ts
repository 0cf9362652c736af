import type { JobCounts } from '@iotistic/chassis/queue-overview';
import type { CustomersApp } from '../app.ts';

export interface QueueStats extends JobCounts {
  name: string;
}

/** How many jobs of each state every queue of the plane has, by name; also of a queue whose workers are down. */
export async function readQueueStats({ queues }: Pick<CustomersApp, 'queues'>): Promise<QueueStats[]> {
  return Promise.all((await queues.names()).map(async (name) => ({ name, ...(await queues.counts(name)) })));
}
