import type { Command } from 'commander';
import type { Context, Run } from '../context.ts';
import { CliListQueuesDocument } from '../generated.ts';
import { formatTable } from '../printable.ts';

export function queueCommands(program: Command, run: Run): void {
  const queues = program.command('queues').description('the queues of jobs');
  queues.command('list').description('how many jobs wait, run and failed, queue by queue; each job: /admin/queues').action(run(listQueues));
}

async function listQueues(context: Context): Promise<void> {
  const { queueStats } = await context.plane().ask(CliListQueuesDocument, {});
  context.answer({ queues: queueStats }, () =>
    formatTable(['Queue', 'Waiting', 'Active', 'Delayed', 'Failed', 'Completed'], queueStats.map(({ name, waiting, active, delayed, failed, completed }) => [name, String(waiting), String(active), String(delayed), String(failed), String(completed)]), { right: [1, 2, 3, 4, 5] }),
  );
}
