import type { Command } from 'commander';
import { CliError, EXIT } from '../cli-error.ts';
import { confirmed, type ChangeOptions, type Context, type Run } from '../context.ts';
import { formatTable } from '../printable.ts';
import { checkProfileName, getProfile, profilesPath, readProfiles, writeProfiles } from '../profiles.ts';
import { checkToken, checkUrl, readTokenFile } from '../target.ts';

export function profileCommands(program: Command, run: Run): void {
  const profile = program.command('profile').alias('config').description('planes and their tokens, kept in your configuration folder for you alone');
  profile
    .command('add')
    .description('keep an address and a token under a name; the first becomes the one in use')
    .argument('<name>', 'what to call it')
    .requiredOption('--url <url>', 'the address of the plane')
    .option('--token-file <file>', 'the file that has the token; - for standard input; without it you are asked')
    .option('--no-token', 'keep none')
    .option('--force', 'replace one of this name')
    .option('--dry-run', 'only say what would be done')
    .action(run(addProfile));
  profile.command('list').description('list profiles; tokens are never shown').action(run(listProfiles));
  profile.command('use').description('use a profile from now on, where IOTCTL_URL is not set').argument('<name>', 'its name').action(run(useProfile));
  profile.command('remove').description('remove a profile and its token').argument('<name>', 'its name').option('--yes', 'do not ask').option('--dry-run', 'only say what would be done').action(run(removeProfile));
}

async function addProfile(context: Context, options: { url: string; tokenFile?: string; token: boolean; force?: boolean } & ChangeOptions, given = ''): Promise<void> {
  const { configFolder } = context.terminal;
  const name = checkProfileName(given);
  const url = checkUrl(options.url);
  const { current, profiles } = readProfiles(configFolder);
  if (Object.hasOwn(profiles, name) && options.force !== true) throw new CliError(EXIT.failure, `There is a profile ${name} already: --force replaces it.`);
  if (options.dryRun === true) return context.answer({ dryRun: true, profile: { name, url } }, () => `Would keep ${url} as ${name} in ${profilesPath(configFolder)}.`);
  const token = options.token ? await readToken(context, options.tokenFile) : null;
  writeProfiles(configFolder, { current: current ?? name, profiles: { ...profiles, [name]: { url, token } } });
  context.answer({ profile: { name, url, hasToken: token !== null, isCurrent: (current ?? name) === name } }, () => `${context.colors.green(`✔ ${name} is kept`)}${current === null ? ', and is the one in use' : ''}: ${url}, ${token === null ? 'without a token' : 'with a token'}.`);
}

/** Never from the command line, which everybody on the machine can read. */
async function readToken({ terminal }: Context, file: string | undefined): Promise<string> {
  if (file === '-') return checkToken(await terminal.readInput(), 'Standard input');
  if (file !== undefined) return checkToken(readTokenFile(file, '--token-file'), '--token-file');
  if (terminal.prompter === null) throw new CliError(EXIT.usage, 'There is nobody to ask for the token: give --token-file <file>, or --token-file - and the token on standard input, or --no-token.');
  return checkToken(await terminal.prompter.secret('Token (it is not shown)'), 'The token');
}

function listProfiles(context: Context): void {
  const { current, profiles } = readProfiles(context.terminal.configFolder);
  const listed = Object.entries(profiles).map(([name, { url, token }]) => ({ name, url, hasToken: token !== null, isCurrent: name === current }));
  context.answer({ profiles: listed, file: profilesPath(context.terminal.configFolder) }, () =>
    listed.length === 0 ? 'There are no profiles. Add one: iotctl profile add <name> --url <url>' : formatTable(['', 'Name', 'URL', 'Token'], listed.map(({ name, url, hasToken, isCurrent }) => [isCurrent ? '*' : ' ', name, url, hasToken ? 'kept' : 'none'])),
  );
}

function useProfile(context: Context, _options: object, name = ''): void {
  const { configFolder } = context.terminal;
  const kept = readProfiles(configFolder);
  const { url } = getProfile(kept, name);
  writeProfiles(configFolder, { ...kept, current: name });
  context.answer({ profile: { name, url, isCurrent: true } }, () => `${context.colors.green(`✔ ${name} is the one in use`)}: ${url}`);
}

async function removeProfile(context: Context, { yes, dryRun }: ChangeOptions, name = ''): Promise<void> {
  const { configFolder } = context.terminal;
  const { current, profiles } = readProfiles(configFolder);
  const { url } = getProfile({ current, profiles }, name);
  if (dryRun === true) return context.answer({ dryRun: true, profile: { name, url } }, () => `Would remove ${name} (${url}) and its token.`);
  await confirmed(context, `Remove the profile ${name} (${url}) and its token?`, yes);
  const { [name]: _removed, ...others } = profiles;
  writeProfiles(configFolder, { current: current === name ? null : current, profiles: others });
  context.answer({ profile: { name, url, removed: true } }, () => `${context.colors.green(`✔ ${name} was removed`)}${current === name ? ': none is in use now' : ''}.`);
}
