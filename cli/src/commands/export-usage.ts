import { writeFileSync } from 'node:fs';
import { CliError, EXIT } from '../cli-error.ts';
import { existing, known, type Context } from '../context.ts';
import { CliExportUsageDocument, type Granularity } from '../generated.ts';

const DEFAULT_RANGE_MS = 30 * 86_400_000;

export interface ExportUsageOptions {
  customer: string;
  from?: string;
  to?: string;
  granularity: string;
  instance?: string;
  out?: string;
  force?: boolean;
}

/** The plane's own comma-separated values, byte by byte. */
export async function exportUsage(context: Context, { customer, from, to, granularity, instance, out, force }: ExportUsageOptions): Promise<void> {
  const end = to === undefined ? await context.now() : readTime('--to', to);
  const begin = from === undefined ? new Date(end.getTime() - DEFAULT_RANGE_MS) : readTime('--from', from);
  const range = { from: begin.toISOString(), to: end.toISOString() };
  const variables = { id: customer, ...range, granularity: granularity.toUpperCase() as Granularity, instance: instance ?? null };
  const usageCsv = known(existing((await context.during('Reading usage', null, () => context.plane().ask(CliExportUsageDocument, variables))).customer).usageCsv);
  const rows = Math.max(0, usageCsv.trimEnd().split('\n').length - 1);
  if (out === undefined) return context.isJson ? context.answer({ range, rows, csv: usageCsv }, () => '') : context.terminal.write(usageCsv);
  writeNew(out, usageCsv, force === true);
  context.answer({ range, rows, file: out }, () => `${context.colors.green(`✔ ${rows} rows`)} written to ${out}`);
}

/** A day begins at midnight UTC. @throws CliError */
export function readTime(option: string, text: string): Date {
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const time = new Date(text);
  if (!isTime || Number.isNaN(time.getTime())) throw new CliError(EXIT.usage, `${option}: ${text} is no time such as 2026-11-01 or 2026-11-01T09:30:00Z.`);
  return time;
}

/** @throws CliError where something is there, or nothing can be written. */
export function writeNew(path: string, text: string, replace: boolean): void {
  try {
    writeFileSync(path, text, { flag: replace ? 'w' : 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(EXIT.failure, code === 'EEXIST' ? `${path} is there already: --force replaces it.` : `${path} cannot be written (${String(code)}).`);
  }
}
