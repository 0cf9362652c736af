import { CliError, EXIT, type ExitCode } from './cli-error.ts';

/** What `doctor` found of one thing. */
export interface Check {
  name: string;
  /** warning: somebody should look. failed: something does not work. */
  result: 'ok' | 'warning' | 'failed' | 'skipped';
  detail: string;
  /** What shows more of it, or mends it; null where there is nothing to see. */
  command: string | null;
  /** What iotctl ends with where this is the first that failed. */
  exitCode: ExitCode;
}

export function check(name: string, result: Check['result'], detail: string, more: { command?: string; exitCode?: ExitCode } = {}): Check {
  return { name, result, detail, command: more.command ?? null, exitCode: more.exitCode ?? EXIT.failure };
}

/** Each thing by itself: what is broken hides nothing else. */
export async function attempt(name: string, look: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode === EXIT.interrupted) throw error;
    return [check(name, 'failed', `${error.message}${error.reason === null ? '' : ` (${error.reason})`}`, { exitCode: error.exitCode })];
  }
}

/** That of the first that failed; 1 where somebody should look at something. */
export function exitCodeOf(checks: readonly Check[]): ExitCode {
  const failed = checks.find(({ result }) => result === 'failed');
  if (failed !== undefined) return failed.exitCode;
  return checks.some(({ result }) => result === 'warning') ? EXIT.failure : EXIT.ok;
}

/** "1 customer", "2 customers" */
export function counted(count: number, word: string): string {
  return `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`;
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** "3 days", "20 minutes", "45 s" */
export function lasting(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const unit = UNITS.find(([, length]) => seconds >= 2 * length);
  return unit === undefined ? `${seconds} s` : counted(Math.floor(seconds / unit[1]), unit[0]);
}
