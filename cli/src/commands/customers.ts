import { type Command, Option } from 'commander';
import { confirmed, existing, known, type ChangeOptions, type Context, type Run } from '../context.ts';
import { CliCreateCustomerDocument, CliDeactivateCustomerDocument, CliListCustomersDocument, CliShowCustomerDocument, type CliShowCustomerQuery } from '../generated.ts';
import { limitOption, listAll, moreThan } from '../pages.ts';
import { type Details, formatDetails, formatInstant, formatLimit, formatTable, printable } from '../printable.ts';
import { customerMails, MAIL_KINDS } from './customer-mails.ts';
import { comparePlans, upgradeCustomer } from './upgrade-customer.ts';

function basisOption(): Option {
  return new Option('--basis <usage>', 'the usage to compare by').choices(['so-far', 'projected', 'last-period']).default('projected');
}

export function customerCommands(program: Command, run: Run): void {
  const customers = program.command('customers').description('customers and what they have');
  customers
    .command('add')
    .description('add a customer, with a trial and its first license')
    .requiredOption('--email <address>', 'e-mail address')
    .option('--name <name>', "the person's name")
    .option('--company <name>', "the company's name")
    .option('--dry-run', 'only say what would be done')
    .action(run(addCustomer));
  customers.command('list').description('list customers, newest first').option('--search <text>', 'in e-mail address, company or name').option(...limitOption).action(run(listCustomers));
  customers.command('show').description('show one customer: subscription, license, instances, keys, what was done to it last').argument('<customer>', 'its id').action(run(showCustomer));
  customers.command('compare').description('compare the plans for a customer: what each would cost, and whether the customer fits it').argument('<customer>', 'its id').addOption(basisOption()).action(run(comparePlans));
  customers
    .command('upgrade')
    .description('put a customer on a plan: opens a checkout, or changes what it pays for already')
    .argument('<customer>', 'its id')
    .addOption(new Option('--plan <plan>', 'the plan').choices(['starter', 'professional', 'enterprise']).makeOptionMandatory())
    .option('--success-url <url>', 'where the checkout leads when it was paid')
    .option('--cancel-url <url>', 'where it leads when it was left')
    .option('--promotion-code <code>', 'a promotion code')
    .option('--force', 'also to a plan that the customer does not fit: the audit log says so')
    .addOption(basisOption())
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only say what would be done, what a month would cost, and whether the customer fits')
    .action(run(upgradeCustomer));
  customers
    .command('deactivate')
    .description('end the subscription, revoke the license and every API key; nothing is deleted')
    .argument('<customer>', 'its id')
    .requiredOption('--reason <text>', 'why: it is written into the audit log')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only say what would be done')
    .action(run(deactivateCustomer));
  customers
    .command('mails')
    .description('show which mails a customer gets besides those about money and access, or change that')
    .argument('<customer>', 'its id')
    .addOption(new Option('--stop <kinds...>', 'send these no more').choices(MAIL_KINDS))
    .addOption(new Option('--send <kinds...>', 'send these again').choices(MAIL_KINDS))
    .option('--dry-run', 'only say what would be done')
    .action(run(customerMails));
}

async function addCustomer(context: Context, { email, name, company, dryRun }: { email: string; name?: string; company?: string } & ChangeOptions): Promise<void> {
  const input = { email, fullName: name ?? null, companyName: company ?? null };
  const nameAndCompany: Details = [['Email', email], ['Name', name ?? '-'], ['Company', company ?? '-']];
  if (dryRun === true) return context.answer({ dryRun: true, customer: input }, () => formatDetails('Would add this customer, with a trial:', nameAndCompany));
  const { customer } = (await context.plane().ask(CliCreateCustomerDocument, { input })).createCustomer;
  const { license, subscription } = customer;
  context.answer({ customer }, () =>
    [
      context.colors.green('✔ Customer created'),
      formatDetails('Customer Details:', [['ID', customer.id], ...nameAndCompany, ['Plan', subscription?.plan.key ?? '-'], ['Trial ends', formatInstant(subscription?.trialEndsAt)], ['Created', formatInstant(customer.createdAt)]]),
      '',
      ...(license === null
        ? [`The license is not there yet: iotctl licenses show ${customer.id} --raw`]
        : [`Initial License JWT (${(subscription?.plan.key ?? 'TRIAL').toLowerCase()}):`, license.token, '', 'Give it to the instance agent, which renews it by itself:', `IOTISTIC_LICENSE_KEY=${license.token}`, `CUSTOMER_ID=${customer.id}`]),
    ].join('\n'),
  );
}

async function listCustomers(context: Context, { search, limit }: { search?: string; limit: number }): Promise<void> {
  const plane = context.plane();
  const listed = await listAll(limit, async (page) => (await plane.askWhatIsKnown(CliListCustomersDocument, { ...page, search: search ?? null })).customers);
  context.answer({ customers: listed.nodes, totalCount: listed.totalCount, hasMore: listed.hasMore }, () => {
    const rows = listed.nodes.map(({ id, email, fullName, companyName, subscription, status }) => [id, email, fullName ?? '-', companyName ?? '-', subscription?.plan.key ?? '-', status === 'DEACTIVATED' ? status : (subscription?.status ?? '-')]);
    return `Found ${listed.totalCount ?? rows.length} customer(s):\n\n${formatTable(['ID', 'Email', 'Name', 'Company', 'Plan', 'Status'], rows)}${moreThan(listed)}`;
  });
}

async function showCustomer(context: Context, _options: object, id = ''): Promise<void> {
  const customer = existing((await context.plane().askWhatIsKnown(CliShowCustomerDocument, { id })).customer);
  const isLicenseOpen = customer.license === null && context.lost() !== null;
  context.answer({ customer }, () => describeCustomer(customer, isLicenseOpen));
}

function describeCustomer({ subscription, license, instances, apiKeys, auditLog, ...customer }: NonNullable<CliShowCustomerQuery['customer']>, isLicenseOpen: boolean): string {
  const parts = [
    formatDetails('Customer Information:', [['ID', customer.id], ['Email', customer.email], ['Name', customer.fullName ?? '-'], ['Company', customer.companyName ?? '-'], ['Status', customer.status], ['Created', formatInstant(customer.createdAt)]]),
    formatDetails('Subscription Information:', [
      ['Plan', subscription?.plan.key ?? '-'],
      ['Status', subscription?.status ?? '-'],
      ['Device Limit', subscription === null ? '-' : formatLimit(subscription.entitlements.limits.find(({ key }) => key === 'maxDevices')?.value)],
      ...(subscription?.status === 'TRIALING' ? [['Trial Ends', formatInstant(subscription.trialEndsAt)] as const] : []),
      [subscription?.cancelAtPeriodEnd === true ? 'Ends' : 'Renewal Date', formatInstant(subscription?.currentPeriodEndsAt)],
      ['License', license === null ? (isLicenseOpen ? '-' : 'none: unlicensed') : `${license.status}, expires ${formatInstant(license.expiresAt)}`],
    ]),
    `Instances (${instances.totalCount}):\n${formatTable(['ID', 'Name', 'Active', 'Total', 'Last Report'], instances.edges.map(({ node }) => [node.id, node.name, String(node.latestUsage?.activeDevices ?? '-'), String(node.latestUsage?.totalDevices ?? '-'), formatInstant(node.lastReportedAt)]), { right: [2, 3] })}`,
    `API keys (${apiKeys.length}):\n${formatTable(['Name', 'Begins With', 'Last Used', 'Revoked'], apiKeys.map((key) => [key.name, key.prefix, formatInstant(key.lastUsedAt), formatInstant(key.revokedAt)]))}`,
    `Done last:\n${auditLog.edges.map(({ node }) => `  ${formatInstant(node.at)}  ${printable(`${node.actor}  ${node.action}  ${node.detail ?? ''}`).trimEnd()}`).join('\n') || '  nothing'}`,
  ];
  return parts.join('\n\n');
}

async function deactivateCustomer(context: Context, { reason, dryRun, yes }: { reason: string } & ChangeOptions, id = ''): Promise<void> {
  const plane = context.plane();
  const customer = existing((await plane.ask(CliShowCustomerDocument, { id })).customer);
  const { license } = customer;
  const subscription = known(customer.subscription);
  const apiKeys = customer.apiKeys.filter(({ revokedAt }) => revokedAt === null).length;
  const name = printable(customer.companyName ?? customer.email);
  const facts: Details = [['Customer ID', id], ['Subscription ID', subscription.id], ['Previous Plan', subscription.plan.key], ['License', license?.id ?? 'none'], ['API Keys', String(apiKeys)]];
  if (dryRun === true) return context.answer({ dryRun: true, customer: { id, status: customer.status }, subscription: { id: subscription.id, plan: subscription.plan.key }, license: license?.id ?? null, apiKeys }, () => formatDetails('Would deactivate this customer, end and revoke:', facts));
  await confirmed(context, `Deactivate ${name} (${id}), end its subscription, revoke its license and ${apiKeys} API key(s)?`, yes);
  const done = (await plane.ask(CliDeactivateCustomerDocument, { input: { id, reason } })).deactivateCustomer.customer;
  context.answer({ customer: done, subscription: { id: subscription.id, plan: subscription.plan.key }, license: license?.id ?? null, apiKeys }, () =>
    [context.colors.green('✔ Customer deactivated'), formatDetails('Deactivation Details:', [...facts, ['Deactivated At', formatInstant(done.updatedAt)]]), '', 'Its instances fall onto the calendar of their license: grace, read-only, then unlicensed.', 'Its data is kept.'].join('\n'),
  );
}
