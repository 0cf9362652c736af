import { type Command, Option } from 'commander';
import { CliError, EXIT } from '../cli-error.ts';
import { confirmed, existing, type ChangeOptions, type Context, type Run } from '../context.ts';
import { type CliDeploymentFragment, CliCreateInstanceDocument, CliListCustomerDeploymentsDocument, CliListDeploymentsDocument, CliRemoveInstanceDocument, CliRetryDeploymentDocument, CliShowDeploymentDocument, type DeploymentStatus } from '../generated.ts';
import { limitOption, listAll, moreThan } from '../pages.ts';
import { type Details, formatDetails, formatInstant, formatTable } from '../printable.ts';
import { showDeploymentLog } from './deployment-log.ts';

const STATUSES = ['queued', 'running', 'succeeded', 'failed', 'removed'] as const;

export function deploymentCommands(program: Command, run: Run): void {
  const deployments = program.command('deployments').description("what runs in customers' clusters");
  deployments
    .command('list')
    .description('list deployments, newest first')
    .option('--customer <id>', "only one customer's")
    .addOption(new Option('--status <status>', 'only these').choices(STATUSES))
    .option(...limitOption)
    .action(run(listDeployments));
  deployments.command('add').description('deploy an instance for a customer').argument('<customer>', 'its id').argument('<instance>', "the instance's name: a DNS label").option('--dry-run', 'only say what would be done').action(run(addDeployment));
  deployments.command('logs').description('show what a deployment said').argument('<deployment>', 'its id').option('-f, --follow', 'go on until it has ended; exit code 1 when it failed').action(run(showDeploymentLog));
  deployments.command('retry').description('queue a failed deployment, or removal, once more').argument('<deployment>', 'its id').option('--dry-run', 'only say what would be done').action(run(retryDeployment));
  deployments.command('remove').description('remove what was deployed, with its data and its API key').argument('<deployment>', 'its id, or that of its instance').option('--yes', 'do not ask').option('--dry-run', 'only say what would be done').action(run(removeDeployment));
}

async function listDeployments(context: Context, { customer, status, limit }: { customer?: string; status?: (typeof STATUSES)[number]; limit: number }): Promise<void> {
  const plane = context.plane();
  const wanted = status === undefined ? null : (status.toUpperCase() as DeploymentStatus);
  const listed = await listAll(limit, async (page) => {
    if (customer === undefined) return (await plane.ask(CliListDeploymentsDocument, { ...page, status: wanted })).deployments;
    return existing((await plane.ask(CliListCustomerDeploymentsDocument, { ...page, id: customer, status: wanted })).customer).deployments;
  });
  context.answer({ deployments: listed.nodes, totalCount: listed.totalCount, hasMore: listed.hasMore }, () => {
    const rows = listed.nodes.map((each) => [each.id, each.instance.name, each.customer.id, each.status, `${each.progress}%`, each.step ?? '-', formatInstant(each.createdAt), each.reason ?? '-']);
    return `Found ${listed.totalCount ?? rows.length} deployment(s):\n\n${formatTable(['ID', 'Instance', 'Customer', 'Status', 'Done', 'Step', 'Created', 'Reason'], rows, { right: [4] })}${moreThan(listed)}`;
  });
}

function detailsOf({ id, instance, customer, operation, status, progress, namespace, url, attempts, error, reason }: CliDeploymentFragment): Details {
  return [
    ['ID', id],
    ['Instance', `${instance.name} (${instance.id})`],
    ['Customer', customer.id],
    ['Operation', operation],
    ['Status', `${status}, ${progress}%`],
    ['Namespace', namespace],
    ['URL', url ?? '-'],
    ['Attempts', String(attempts)],
    ...(error === null ? [] : [['Error', `${error}${reason === null ? '' : ` (${reason})`}`] as const]),
  ];
}

async function addDeployment(context: Context, { dryRun }: ChangeOptions, customerId = '', name = ''): Promise<void> {
  if (dryRun === true) return context.answer({ dryRun: true, instance: { customerId, name } }, () => `Would deploy ${name} for ${customerId}.`);
  const { instance } = (await context.plane().ask(CliCreateInstanceDocument, { input: { customerId, name, deploy: true } })).createInstance;
  const deployment = existing(instance.deployment);
  context.answer({ deployment }, () => `${context.colors.green('✔ Deployment queued')}\n${formatDetails('Deployment:', detailsOf(deployment))}\n\nFollow it: iotctl deployments logs -f ${deployment.id}`);
}

async function retryDeployment(context: Context, { dryRun }: ChangeOptions, id = ''): Promise<void> {
  const plane = context.plane();
  if (dryRun === true) {
    const { log: _log, ...deployment } = existing((await plane.ask(CliShowDeploymentDocument, { id })).deployment);
    return context.answer({ dryRun: true, deployment }, () => formatDetails('Would queue this deployment once more:', detailsOf(deployment)));
  }
  const { deployment } = (await plane.ask(CliRetryDeploymentDocument, { input: { id } })).retryDeployment;
  context.answer({ deployment }, () => `${context.colors.green('✔ Deployment queued')}\n${formatDetails('Deployment:', detailsOf(deployment))}\n\nFollow it: iotctl deployments logs -f ${id}`);
}

async function removeDeployment(context: Context, { dryRun, yes }: ChangeOptions, id = ''): Promise<void> {
  const plane = context.plane();
  const named = id.startsWith('depl_') ? existing((await plane.ask(CliShowDeploymentDocument, { id })).deployment) : null;
  if (named === null && !id.startsWith('inst_')) throw new CliError(EXIT.usage, `${id} is neither the id of a deployment (depl_…) nor that of an instance (inst_…).`);
  const instanceId = named?.instance.id ?? id;
  const what = named === null ? id : `${named.instance.name} of ${named.customer.id}`;
  if (dryRun === true) return context.answer({ dryRun: true, instance: { id: instanceId } }, () => `Would remove ${what}, with its data and its API key.`);
  await confirmed(context, `Remove ${what}, with its data and its API key?`, yes);
  const { instance } = (await plane.ask(CliRemoveInstanceDocument, { input: { id: instanceId } })).removeInstance;
  context.answer({ deployment: instance.deployment }, () => `${context.colors.green('✔ Removal queued')}${instance.deployment === null ? '' : `\n${formatDetails('Deployment:', detailsOf(instance.deployment))}\n\nFollow it: iotctl deployments logs -f ${instance.deployment.id}`}`);
}
