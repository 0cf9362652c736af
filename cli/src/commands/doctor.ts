import type { Command } from 'commander';
import type { ExitCode } from '../cli-error.ts';
import type { Context, Run } from '../context.ts';
import { type Check, exitCodeOf } from '../check.ts';
import { examine } from '../examine.ts';
import { formatTable } from '../printable.ts';

export function doctorCommand(program: Command, run: Run): void {
  program.command('doctor').description('check the address, the token, the clocks, the versions, every service and all that needs a look; exit code 1 where something does').action(run(doctor));
}

async function doctor(context: Context): Promise<ExitCode> {
  const checks = await context.during('Examining', null, () => examine(context));
  const exitCode = exitCodeOf(checks);
  context.answer({ ok: exitCode === 0, checks: checks.map(({ exitCode: _code, ...check }) => check) }, () => describe(context, checks));
  return exitCode;
}

function describe({ colors }: Context, checks: readonly Check[]): string {
  const count = (result: Check['result']): number => checks.filter((check) => check.result === result).length;
  const [failed, warned] = [count('failed'), count('warning')];
  const table = formatTable(['Result', 'Check', 'Detail'], checks.map(({ result, name, detail, command }) => [result, name, command === null ? detail : `${detail}: ${command}`]));
  const paint = failed > 0 ? colors.red : warned > 0 ? colors.yellow : colors.green;
  return `${table}\n${paint(failed + warned === 0 ? '✔ All is well.' : `${failed} failed, ${warned} to look at.`)}`;
}
