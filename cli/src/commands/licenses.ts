import { type Command, Option } from 'commander';
import { confirmed, existing, known, type ChangeOptions, type Context, type Run } from '../context.ts';
import { CliLicenseHistoryDocument, CliReinstateLicenseDocument, CliRevokeLicenseDocument, CliShowLicenseDocument } from '../generated.ts';
import { limitOption, listAll, moreThan } from '../pages.ts';
import { formatDetails, formatInstant, formatLimit, formatTable, printable } from '../printable.ts';
import { verifyLicenseFile } from './verify-license.ts';

export function licenseCommands(program: Command, run: Run): void {
  const licenses = program.command('licenses').description('licenses and their history');
  licenses.command('show').description("show a customer's license").argument('<customer>', 'its id').option('--raw', 'print the license itself and nothing else').action(run(showLicense));
  licenses
    .command('verify')
    .description('check a license; exit code 1 where it is not valid')
    .argument('<file>', 'the file that has it; - for standard input')
    .option('--offline', 'without asking anybody: with --key or --jwks')
    .addOption(new Option('--key <file>', 'public key, PEM; it may have several').implies({ offline: true }))
    .addOption(new Option('--jwks <file>', 'public keys, as served at /.well-known/jwks.json').implies({ offline: true }))
    .addOption(new Option('--revocations <file>', 'signed list of what was revoked, as served at /.well-known/revocations.jwt').implies({ offline: true }))
    .action(run(verifyLicenseFile));
  licenses.command('history').description("what happened to a customer's licenses, newest first").argument('<customer>', 'its id').option(...limitOption).action(run(showHistory));
  for (const [name, description, action] of [
    ['revoke', "take a customer's licenses back; its instances fall onto the calendar: grace, read-only, unlicensed", revokeLicense],
    ['reinstate', 'take a revocation back by issuing anew', reinstateLicense],
  ] as const) {
    licenses.command(name).description(description).argument('<customer>', 'its id').requiredOption('--reason <text>', 'why: it is written into the history').option('--yes', 'do not ask').option('--dry-run', 'only say what would be done').action(run(action));
  }
}

async function readLicense(context: Context, id: string) {
  return existing((await context.plane().ask(CliShowLicenseDocument, { id })).customer);
}

async function showLicense(context: Context, { raw }: { raw?: boolean }, id = ''): Promise<void> {
  const customer = await readLicense(context, id);
  const { license } = customer;
  const activations = known(customer.activations);
  if (raw === true) return context.answer({ token: existing(license).token }, () => existing(license).token);
  const { token: _token, ...told } = license ?? { token: '' };
  context.answer({ customer: { ...customer, license: license === null ? null : told } }, () => {
    if (license === null) return `${id} has no license: it is unlicensed.`;
    const { plan, features, limits } = license.claims;
    const granted = Object.entries({ ...(features as object), ...(limits as object) }).map(([name, value]) => `  ${printable(`${name}: ${String(value)}`)}`);
    const rows = activations.map(({ instance, licenseId, agentVersion, lastSeenAt }) => [instance?.name ?? '-', licenseId === license.id ? 'this one' : licenseId, agentVersion ?? '-', formatInstant(lastSeenAt)]);
    return [
      formatDetails('License:', [['ID', license.id], ['Customer', `${customer.companyName ?? customer.email} (${customer.id})`], ['Plan', String(plan)], ['Status', license.status], ['Issued', formatInstant(license.issuedAt)], ['Expires', formatInstant(license.expiresAt)], ['Revoked', formatInstant(license.revokedAt)], ['Signed With', license.keyId]]),
      `Grants:\n${granted.join('\n')}`,
      `Activations:\n${formatTable(['Instance', 'License', 'Agent', 'Last Seen'], rows)}`,
      `The license itself: iotctl licenses show ${customer.id} --raw`,
    ].join('\n\n');
  });
}

async function showHistory(context: Context, { limit }: { limit: number }, id = ''): Promise<void> {
  const plane = context.plane();
  const listed = await listAll(limit, async (page) => known(existing((await plane.ask(CliLicenseHistoryDocument, { id, ...page })).customer).licenseHistory));
  context.answer({ history: listed.nodes, totalCount: listed.totalCount, hasMore: listed.hasMore }, () => {
    const rows = listed.nodes.map(({ at, action, plan, maxDevices, actor, reason, tokenHash }) => [formatInstant(at), action, plan, formatLimit(maxDevices), actor, tokenHash.slice(0, 12), reason ?? '-']);
    return `${formatTable(['At', 'Action', 'Plan', 'Devices', 'By', 'SHA-256', 'Reason'], rows, { right: [3] })}${moreThan(listed)}`;
  });
}

async function revokeLicense(context: Context, { reason, dryRun, yes }: { reason: string } & ChangeOptions, id = ''): Promise<void> {
  const { license, activations: activated, ...customer } = await readLicense(context, id);
  const activations = known(activated);
  const name = printable(customer.companyName ?? customer.email);
  const what = `${license?.id ?? 'no license'}, in ${activations.length} instance(s)`;
  if (dryRun === true) return context.answer({ dryRun: true, customer, license: license?.id ?? null, activations: activations.length }, () => `Would revoke the license of ${name}: ${what}.`);
  await confirmed(context, `Revoke the license of ${name} (${what})? No other is issued until it is reinstated.`, yes);
  const { license: revoked } = (await context.plane().ask(CliRevokeLicenseDocument, { input: { customerId: id, reason } })).revokeLicense;
  context.answer({ license: revoked }, () =>
    [context.colors.green('✔ License revoked'), formatDetails('License:', [['ID', revoked.id], ['Status', revoked.status], ['Revoked', formatInstant(revoked.revokedAt)]]), '', 'Nothing stops at the minute: grace for 7 days, read-only for 14 more, then unlicensed.', `Take it back: iotctl licenses reinstate ${id} --reason …`].join('\n'),
  );
}

async function reinstateLicense(context: Context, { reason, dryRun, yes }: { reason: string } & ChangeOptions, id = ''): Promise<void> {
  const { license, ...customer } = await readLicense(context, id);
  const name = printable(customer.companyName ?? customer.email);
  if (dryRun === true) return context.answer({ dryRun: true, customer: { id, email: customer.email }, license: license?.id ?? null, status: license?.status ?? null }, () => `Would issue a license to ${name} anew; it has ${license === null ? 'none' : `${license.id} (${license.status})`} now.`);
  await confirmed(context, `Issue a license to ${name} anew?`, yes);
  const { license: issued } = (await context.plane().ask(CliReinstateLicenseDocument, { input: { customerId: id, reason } })).reinstateLicense;
  context.answer({ license: issued }, () => [context.colors.green('✔ License reinstated'), formatDetails('License:', [['ID', issued.id], ['Status', issued.status], ['Issued', formatInstant(issued.issuedAt)], ['Expires', formatInstant(issued.expiresAt)]])].join('\n'));
}
