import { Command, CommanderError } from 'commander';
import { CliError, EXIT, InterruptedError, type ExitCode } from './cli-error.ts';
import { completionCommand } from './commands/completion.ts';
import { customerCommands } from './commands/customers.ts';
import { deploymentCommands } from './commands/deployments.ts';
import { doctorCommand } from './commands/doctor.ts';
import { keyCommands } from './commands/keys.ts';
import { licenseCommands } from './commands/licenses.ts';
import { profileCommands } from './commands/profile.ts';
import { queueCommands } from './commands/queues.ts';
import { stripeCommands } from './commands/stripe.ts';
import { usageCommands } from './commands/usage.ts';
import { webhookCommands } from './commands/webhooks.ts';
import { type Connect, connectToPlane, createContext, type GlobalOptions, type Run } from './context.ts';
import { wholeNumber } from './pages.ts';
import type { Terminal } from './terminal.ts';

const TIMEOUT_SECONDS = 30;
const MAX_TIMEOUT_SECONDS = 3_600;
const AFTER_HELP = `
The plane is the one at IOTCTL_URL (http://127.0.0.1:3100), with the token of IOTCTL_TOKEN or IOTCTL_TOKEN_FILE, or that of a profile.
Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 not allowed, 5 limit, 6 not reachable, 130 interrupted.`;

/** Runs one command line; resolves with the exit code. */
export async function runCli(argv: readonly string[], terminal: Terminal, connect: Connect = connectToPlane): Promise<ExitCode> {
  const isJson = argv.includes('--json');
  try {
    if (argv.some((word) => /^--token(=|$)/.test(word))) throw new CliError(EXIT.usage, 'A token on the command line can be read by everybody on this machine: use IOTCTL_TOKEN, IOTCTL_TOKEN_FILE or iotctl profile add.');
    let code: ExitCode = EXIT.ok;
    const program = buildProgram(terminal, connect, (end) => {
      code = end;
    });
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return explain(error, terminal, isJson);
  }
}

/** All commands. @param ended told with what an action ended with */
export function buildProgram(terminal: Terminal, connect: Connect, ended: (code: ExitCode) => void): Command {
  const run: Run = (action) =>
    async function runAction(...params) {
      const command = params.pop() as Command;
      params.pop();
      const options = command.optsWithGlobals<never>();
      const args = params.filter((each) => each !== undefined) as string[];
      const context = createContext(terminal, options as GlobalOptions, connect);
      const code = (await action(context, options, ...args)) ?? EXIT.ok;
      const lost = context.lost();
      if (lost !== null) terminal.writeError(`Not everything is known: ${describe(lost)}`);
      ended(code === EXIT.ok && lost !== null ? lost.exitCode : code);
    };
  const program = new Command('iotctl')
    .description('Operates the Iotistic control plane: customers, licenses, usage, billing, deployments.')
    .version('0.1.0')
    .option('--json', 'print one JSON document instead of text')
    .option('--profile <name>', 'the profile to use instead of IOTCTL_URL and IOTCTL_TOKEN')
    .option('--timeout <seconds>', 'how long to wait for an answer', wholeNumber(MAX_TIMEOUT_SECONDS), TIMEOUT_SECONDS)
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .configureOutput({ writeOut: (text) => terminal.write(text), writeErr: (text) => terminal.writeError(text), getOutHasColors: () => terminal.hasColors })
    .addHelpText('after', AFTER_HELP)
    .exitOverride();
  for (const addCommands of [customerCommands, usageCommands, licenseCommands, keyCommands, deploymentCommands, webhookCommands, stripeCommands, queueCommands, doctorCommand, profileCommands]) addCommands(program, run);
  completionCommand(program);
  return program;
}

/** In words for a person; on standard output too where a program reads it. Never a stack. */
function explain(error: unknown, terminal: Terminal, isJson: boolean): ExitCode {
  // What commander has to say it has said already.
  if (error instanceof CommanderError) {
    const exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (isJson && exitCode !== EXIT.ok) terminal.write(`${JSON.stringify({ error: { message: error.message.replace(/^error: /, ''), code: null, reason: null, requestId: null, exitCode } }, null, 2)}\n`);
    return exitCode;
  }
  const interrupted: unknown = terminal.signal.aborted ? terminal.signal.reason : error;
  const told = interrupted instanceof CliError ? interrupted : unforeseen(error);
  const { message, code, reason, requestId, exitCode } = told;
  if (isJson) terminal.write(`${JSON.stringify({ error: { message, code, reason, requestId, exitCode } }, null, 2)}\n`);
  if (told instanceof InterruptedError) terminal.writeError('\nInterrupted.\n');
  else terminal.writeError(describe(told));
  return exitCode;
}

function describe({ message, reason, requestId }: CliError): string {
  return `${message}${reason === null && requestId === null ? '' : ` (${[reason, requestId === null ? null : `request ${requestId}`].filter((each) => each !== null).join(', ')})`}\n`;
}

function unforeseen(error: unknown): CliError {
  return new CliError(EXIT.failure, `That went wrong in a way that iotctl does not know: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
