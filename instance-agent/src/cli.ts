import { Command, CommanderError } from 'commander';
import { agentVersion, openLicenseParts, type Surroundings } from './app.ts';
import { createAgent, type Round } from './agent.ts';
import { systemTime } from './clock.ts';
import { ConfigError, loadConfig } from './config.ts';
import { ControlPlaneError } from './control-plane.ts';
import { examine, type Check } from './doctor.ts';
import { errorCode } from './durable-file.ts';
import { FolderInUseError } from './folder-lock.ts';
import { describeLicense, type LicenseView } from './license-view.ts';
import { createLog } from './log.ts';
import { SpoolUnavailableError } from './spool-error.ts';
import { exportFiles, importFile, LocalAgentError } from './cli-files.ts';
import { EvidenceError, verifyInvoiceFile } from './cli-verify.ts';
import { UsageFileError } from './usage-files.ts';

/** What the commands take from the process. */
export interface Terminal {
  environment: NodeJS.ProcessEnv;
  print: (text: string) => void;
  printError: (text: string) => void;
  /** Standard input. */
  input: () => NodeJS.ReadableStream;
  /** Resolves when somebody asks the process to end; until it is called a signal ends it at once. */
  whenAskedToStop: () => Promise<void>;
}

const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 6 } as const;

/** Runs one command line; resolves with the exit code. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = EXIT.ok;
  let onError: number = EXIT.failed;
  const program = new Command('iotistic-agent')
    .description("Keeps the instance's license and reports its usage. Configured by environment variables: see README.md.")
    .version(agentVersion())
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.print(text.trimEnd()), writeErr: (text) => terminal.printError(text.trimEnd()) });
  const command = (name: string, description: string, action: (options: { json?: boolean }) => Promise<number>) =>
    program.command(name).description(description).action(async (options: { json?: boolean }) => {
      code = await action(options);
    });
  command('run', 'report and fetch at every COLLECTION_INTERVAL, until SIGTERM', () => run(terminal));
  command('once', 'collect and exchange once; exit code 6 when the control plane is not reached', () => once(terminal));
  program
    .command('export')
    .description('write what waits into signed files, for a control plane that is not to be reached')
    .option('--out <folder>', 'where to write them; one alone is printed without it')
    .action(async ({ out }: { out?: string }) => {
      code = await exportFiles(terminal, out ?? null);
    });
  program
    .command('import')
    .description("take the control plane's answer to an exported file")
    .argument('<file>', "the answer; - for standard input")
    .action(async (file: string) => {
      code = await importFile(terminal, file);
    });
  program
    .command('verify-invoice')
    .description('check an exported usage evidence against what was sent; exit code 1 when something disagrees, 2 when nothing can be checked')
    .argument('<file>', 'the evidence; - for standard input')
    .option('--json', 'print JSON')
    .action(async (file: string, { json }: { json?: boolean }) => {
      // 1 says that an invoice is wrong: nothing else may.
      onError = EXIT.usage;
      code = await verifyInvoiceFile(terminal, file, json === true, lookOnly(terminal.environment));
    });
  command('doctor', 'check everything that the agent needs', ({ json }) => doctor(terminal, json === true)).option('--json', 'print JSON');
  command('license', 'show the license, where it stands and its calendar', ({ json }) => license(terminal, json === true)).option('--json', 'print JSON');
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    terminal.printError(explain(error));
    return onError;
  }
}

async function run(terminal: Terminal): Promise<number> {
  const agent = createAgent({ environment: terminal.environment });
  const asked = terminal.whenAskedToStop();
  const url = await agent.start();
  const status = agent.licenseStatus();
  terminal.print(`iotistic-agent ${agentVersion()}: instance ${status.instance}, ${status.state}. License: ${url}/api/v1/license`);
  await asked;
  await agent.stop();
  return EXIT.ok;
}

async function once(terminal: Terminal): Promise<number> {
  const agent = createAgent({ environment: terminal.environment, localApi: false, schedule: false });
  await agent.start();
  try {
    const round = await agent.collectAndReport();
    const status = agent.licenseStatus();
    terminal.print(summarise(round, status));
    const silent = status.collectors.length > 0 && status.collectors.every(({ ok }) => !ok);
    const refused = round.exchange.license !== null && !['accepted', 'unchanged'].includes(round.exchange.license);
    return silent || refused || round.exchange.rejected > 0 ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) throw error;
    terminal.printError(`${error.message}. Reports that wait in the spool: ${agent.licenseStatus().spool.pending}.`);
    return error.kind === 'unreachable' || error.kind === 'unavailable' ? EXIT.unreachable : EXIT.failed;
  } finally {
    await agent.stop();
  }
}

function summarise({ exchange }: Round, status: LicenseView): string {
  const failed = status.collectors.filter(({ ok }) => !ok).map(({ url, error }) => `Not collected: ${url} ${error}`);
  const late = exchange.late > 0 ? `, of them ${exchange.late} late` : '';
  const fates = `accepted ${exchange.accepted}${late}, duplicates ${exchange.duplicates}, rejected ${exchange.rejected}`;
  return [...failed, `Reports sent: ${exchange.sent} (${fates})`, describeInLine(status)].join('\n');
}

function describeInLine({ state, plan, calendar }: Pick<LicenseView, 'state' | 'plan' | 'calendar'>): string {
  return calendar === null ? `License: ${state}` : `License: ${plan}, ${state}, expires ${calendar.expiresAt}`;
}

async function doctor(terminal: Terminal, json: boolean): Promise<number> {
  const checks = await examineOrReport(terminal.environment);
  const width = Math.max(...checks.map(({ name }) => name.length));
  terminal.print(json ? JSON.stringify({ ok: checks.every(({ result }) => result !== 'failed'), checks }, null, 2) : checks.map(({ name, result, detail }) => `${result.padEnd(7)} ${name.padEnd(width)}  ${detail}`).join('\n'));
  return checks.some(({ result }) => result === 'failed') ? EXIT.failed : EXIT.ok;
}

async function examineOrReport(environment: NodeJS.ProcessEnv): Promise<Check[]> {
  try {
    return await examine(lookOnly(environment));
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => ({ name: 'configuration', result: 'failed', detail: problem }));
    if (errorCode(error) === null) throw error;
    return [{ name: 'data folder', result: 'failed', detail: error instanceof Error ? error.message : '' }];
  }
}

async function license(terminal: Terminal, json: boolean): Promise<number> {
  const parts = await openLicenseParts(lookOnly(terminal.environment), false);
  const view = describeLicense(parts);
  terminal.print(json ? JSON.stringify(view, null, 2) : describeAtLength(view));
  return EXIT.ok;
}

function describeAtLength(view: ReturnType<typeof describeLicense>): string {
  if (view.customer === null || view.calendar === null) return describeInLine(view);
  const lines: [string, string][] = [
    ['State', view.state],
    ['Customer', `${view.customer.name} (${view.customer.id})`],
    ['Plan', `${view.plan}, subscription ${view.status}`],
    ['Trial', view.trial.isTrialMode ? `ends ${view.trial.expiresAt ?? 'with the license'}, ${view.trial.daysRemaining ?? 0} days remain` : 'no'],
    ...(view.license?.airGap === true ? [['Air gap', 'for an instance without a network'] as [string, string]] : []),
    ...(typeof view.license?.revokedAt === 'string' ? [['Revoked', view.license.revokedAt] as [string, string]] : []),
    ['Licensed until', view.calendar.expiresAt],
    ['Grace until', view.calendar.graceUntil],
    ['Read-only from', view.calendar.readOnlyFrom],
    ['Unlicensed from', view.calendar.unlicensedFrom],
  ];
  return lines.map(([name, value]) => `${name.padEnd(16)} ${value}`).join('\n');
}

/** For commands that only look: quiet but for trouble, and nothing to stop. */
function lookOnly(environment: NodeJS.ProcessEnv): Surroundings {
  const config = loadConfig(environment);
  const level = environment['LOG_LEVEL'] === undefined ? 'fatal' : config.LOG_LEVEL;
  return { config, log: createLog(level), time: systemTime, fetch, signal: new AbortController().signal };
}

/** What a folder does that is full, read-only, someone else's, or none. */
const FOLDER_TROUBLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENOENT', 'ENAMETOOLONG', 'ELOOP']);

/** An error in words for a person; unknown ones with all that is known. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof FolderInUseError || error instanceof SpoolUnavailableError || error instanceof UsageFileError || error instanceof LocalAgentError || error instanceof EvidenceError) return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === 'listen' && code === 'EADDRINUSE') return 'AGENT_PORT is taken by another process: set another one.';
  if (syscall === 'listen' && code === 'EACCES') return 'AGENT_PORT: this user may not listen there; take one from 1024 on.';
  if (FOLDER_TROUBLE.has(code ?? '')) return `AGENT_DATA_DIR cannot be written: ${error instanceof Error ? error.message : ''}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
