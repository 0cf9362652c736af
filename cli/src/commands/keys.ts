import { generateKeyPair } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keyIdOf } from '@iotistic/contracts/key-announcement';
import type { Command } from 'commander';
import { CliError, EXIT } from '../cli-error.ts';
import { confirmed, type ChangeOptions, type Context, type Run } from '../context.ts';
import { CliListLicenseReissuesDocument, CliListSigningKeysDocument, CliRotateSigningKeyDocument } from '../generated.ts';
import { formatDetails, formatInstant, formatTable } from '../printable.ts';

const MODULUS_BITS = 2048;
const LOOK_EVERY_MS = 500;
/** Who rotates may go: what is left is issued without anybody watching. */
const WATCH_FOR_MS = 600_000;

export function keyCommands(program: Command, run: Run): void {
  const keys = program.command('keys').description('the keys that licenses are signed with');
  keys.command('list').description('list signing keys, newest first').option('--pem', 'print the public keys that licenses may be signed with, for iotctl licenses verify --key').action(run(listKeys));
  keys
    .command('generate')
    .description('make a pair of keys for signing licenses, here; nothing that exists is overwritten')
    .option('--out <folder>', 'where to write them', 'keys')
    .option('--dry-run', 'only say what would be done')
    .action(run(generateKeys));
  keys
    .command('rotate')
    .description('make the announced key the current one, announce the next, and issue every license anew')
    .option('--emergency', 'retire the current key now: it is compromised')
    .option('--no-wait', 'do not wait until every license was issued anew')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only say what would be done')
    .action(run(rotateKey));
}

async function listKeys(context: Context, { pem }: { pem?: boolean }): Promise<void> {
  const { signingKeys } = await context.plane().ask(CliListSigningKeysDocument, {});
  if (pem === true && !context.isJson) return context.terminal.write(signingKeys.filter(({ status }) => status !== 'RETIRED').map(({ publicKeyPem }) => `${publicKeyPem.trimEnd()}\n`).join(''));
  context.answer({ signingKeys }, () => formatTable(['ID', 'Algorithm', 'Status', 'Created', 'Signs Since', 'Retired', 'Compromised'], signingKeys.map((key) => [key.id, key.algorithm, key.status, formatInstant(key.createdAt), formatInstant(key.currentSince), formatInstant(key.retiredAt), formatInstant(key.compromisedAt)])));
}

async function generateKeys(context: Context, { out, dryRun }: { out: string } & ChangeOptions): Promise<void> {
  const files = { privateKey: join(out, 'license-private.pem'), publicKey: join(out, 'license-public.pem') };
  const existing = Object.values(files).filter((path) => existsSync(path));
  // A half-new pair would be worse than none: licenses that nobody can check.
  if (existing.length > 0) throw new CliError(EXIT.failure, `Nothing was written: ${existing.join(', ')} is there already.`);
  if (dryRun === true) return context.answer({ dryRun: true, files }, () => `Would write ${files.privateKey} and ${files.publicKey}.`);
  const { privateKey, publicKey } = await context.during('Making keys', null, () => promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS }));
  const keyId = keyIdOf(publicKey);
  try {
    mkdirSync(out, { recursive: true, mode: 0o700 });
    writeFileSync(files.privateKey, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o600 });
    writeFileSync(files.publicKey, publicKey.export({ type: 'spki', format: 'pem' }), { flag: 'wx', mode: 0o644 });
  } catch (error) {
    throw new CliError(EXIT.failure, `The keys cannot be written to ${out} (${String((error as NodeJS.ErrnoException).code)}).`);
  }
  context.answer({ keyId, files }, () =>
    [
      context.colors.green('✔ Keys generated'),
      formatDetails('Signing Key:', [['ID', keyId], ['Private Key', files.privateKey], ['Public Key', files.publicKey]]),
      '',
      `The private key is the plane's: LICENSE_PRIVATE_KEY_FILE=${files.privateKey}`,
      `The public key is the instances': LICENSE_PUBLIC_KEY_FILE=${files.publicKey}`,
      'Keep a copy of the private key: lost, every license must be issued anew.',
    ].join('\n'),
  );
}

async function rotateKey(context: Context, { emergency = false, wait, dryRun, yes }: { emergency?: boolean; wait: boolean } & ChangeOptions): Promise<void> {
  const plane = context.plane();
  const { signingKeys } = await plane.ask(CliListSigningKeysDocument, {});
  const current = signingKeys.find(({ status }) => status === 'CURRENT')?.id ?? 'no key';
  const next = signingKeys.find(({ status }) => status === 'ANNOUNCED')?.id ?? 'a new key';
  const then = emergency ? 'What the old key signed counts as revoked.' : 'The old key verifies until its last license has expired.';
  if (dryRun === true) return context.answer({ dryRun: true, from: current, to: next, emergency }, () => `Would sign with ${next} instead of ${current}, and issue every license anew. ${then}`);
  await confirmed(context, `Sign with ${next} instead of ${current}, and issue every license anew? ${then}`, yes);
  const { signingKey, reissue } = (await plane.ask(CliRotateSigningKeyDocument, { input: { emergency } })).rotateSigningKey;
  const seen = wait ? await context.during('Issuing licenses anew', reissue.total, (report) => watchReissue(context, reissue, report)) : reissue;
  context.answer({ signingKey, reissue: seen }, () =>
    [context.colors.green('✔ Key rotated'), formatDetails('Signing Key:', [['ID', signingKey.id], ['Status', signingKey.status], ['Before', current], ['Issued Anew', `${seen.done} of ${seen.total} license(s)${seen.finishedAt === null ? ', the others follow' : ''}`]])].join('\n'),
  );
}

interface Reissue {
  readonly id: string;
  readonly total: number;
  readonly done: number;
  readonly finishedAt: string | null;
}

/** How the licenses are issued anew, until they are. */
async function watchReissue(context: Context, begun: Reissue, report: (done: number) => void): Promise<Reissue> {
  const { terminal } = context;
  const until = terminal.clock.now().getTime() + WATCH_FOR_MS;
  let seen = begun;
  while (seen.finishedAt === null && terminal.clock.now().getTime() < until) {
    await terminal.pause(LOOK_EVERY_MS);
    const { licenseReissues } = await context.plane().ask(CliListLicenseReissuesDocument, {});
    seen = licenseReissues.find(({ id }) => id === begun.id) ?? seen;
    report(seen.done);
  }
  return seen;
}
