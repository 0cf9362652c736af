import { currentRequestId } from '@iotistic/chassis/log';
import { publish } from '@iotistic/chassis/outbox';
import { type FileRefusal, readUsageFile } from '@iotistic/contracts/air-gap';
import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { instanceId, newId } from '@iotistic/contracts/ids';
import { z } from 'zod';
import type { UsageApp } from '../app.ts';
import { checkInstanceName } from '../domain/instance-name.ts';
import { COUNTS, type ReportInput } from '../domain/report.ts';
import { forgetKey, keepFirstKey } from '../repository/instance-keys.ts';
import { reportAll, type ReportedUsage } from './report-usage.ts';

/** What the answer to a file is about; licensing signs it. */
export interface ImportedFile {
  fileId: string;
  customerId: string;
  instance: string;
  verdicts: string;
}

const REFUSALS = { MALFORMED: 'FILE_MALFORMED', TAMPERED: 'FILE_TAMPERED', UNKNOWN_KEY: 'FILE_MALFORMED', TOO_LARGE: 'FILE_TOO_LARGE' } as const satisfies Record<FileRefusal, string>;
/** In the order in which one call of reportUsage takes them. */
const BATCH = 1_000;

const instant = z.iso.datetime().transform((text) => new Date(text));
const count = z.number().int();
const reportSchema = z.object({ reportId: z.string(), sequence: count.nullish(), intervalStart: instant, intervalEnd: instant, previousHash: z.string().nullish(), ...Object.fromEntries(COUNTS.map((name) => [name, count.nullish()])) });

/**
 * Takes what an instance without a network brought out. All of a file is judged before any of it is stored; what is stored
 * goes in by batches, and the same file again finds each report a duplicate. Its first file makes an instance's key known,
 * and every other must be signed with the same.
 * @throws AppError FILE_MALFORMED, FILE_TAMPERED, FILE_TOO_LARGE, FILE_OF_OTHER_CUSTOMER, INSTANCE_KEY_CHANGED, INVALID_NAME; UNAVAILABLE: import it again.
 */
export async function importUsageFile(app: Pick<UsageApp, 'db' | 'clock' | 'intake' | 'loaders'>, input: { customerId: string; file: string }): Promise<ReportedUsage & { answer: ImportedFile }> {
  const read = readUsageFile(input.file);
  if (read.state !== 'GOOD') throw new AppError('INVALID_INPUT', REFUSALS[read.state]);
  const { content } = read;
  if (content.customerId !== input.customerId) throw new AppError('INVALID_INPUT', 'FILE_OF_OTHER_CUSTOMER');
  checkInstanceName(content.instance);
  const reports = z.array(reportSchema).safeParse(content.reports);
  if (!reports.success) throw new AppError('INVALID_INPUT', 'FILE_MALFORMED');
  const id = instanceId(content.customerId, content.instance);
  const known = await app.db.transaction().execute((tx) => keepFirstKey(tx, { instanceId: id, customerId: content.customerId, publicKey: content.instanceKey }, app.clock.now()));
  if (known !== content.instanceKey) throw new AppError('CONFLICT', 'INSTANCE_KEY_CHANGED');
  const usage = await reportInBatches(app, { customerId: content.customerId, instance: content.instance }, reports.data as unknown as ReportInput[]);
  const { accepted, late, duplicates, rejected } = usage;
  return { ...usage, answer: { fileId: content.fileId, customerId: content.customerId, instance: content.instance, verdicts: JSON.stringify({ accepted, late, duplicates, rejected }) } };
}

async function reportInBatches(app: Pick<UsageApp, 'clock' | 'intake' | 'loaders'>, from: { customerId: string; instance: string }, reports: readonly ReportInput[]): Promise<ReportedUsage> {
  let total: ReportedUsage = { accepted: 0, late: 0, duplicates: 0, rejected: [], latest: () => Promise.resolve(null), receipt: () => '' };
  for (let start = 0; start < reports.length; start += BATCH) {
    const part = await reportAll(app, from.customerId, currentRequestId(), { instance: from.instance, reports: reports.slice(start, start + BATCH) });
    total = { ...part, accepted: total.accepted + part.accepted, late: total.late + part.late, duplicates: total.duplicates + part.duplicates, rejected: [...total.rejected, ...part.rejected] };
  }
  return total;
}

/** The machine was replaced: its next file brings another key. @throws AppError INVALID_NAME */
export async function forgetInstanceKey(app: Pick<UsageApp, 'db' | 'clock'>, caller: Caller, input: { customerId: string; instance: string }): Promise<{ forgotten: boolean }> {
  checkInstanceName(input.instance);
  const { customerId } = input;
  const target = instanceId(customerId, input.instance);
  const now = app.clock.now();
  const forgotten = await app.db.transaction().execute(async (tx) => {
    if (!(await forgetKey(tx, target))) return false;
    await publish(tx, 'usage', 'usage.audited', { id: newId('audt'), customerId, actor: actorOf(caller), action: 'instance_key.forgotten', target, detail: input.instance, requestId: currentRequestId() ?? newId('req'), at: now.toISOString() }, now);
    return true;
  });
  return { forgotten };
}
