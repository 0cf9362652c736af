import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type AnswerFile, type FileRefusal, MAX_REPORTS_PER_FILE, readAnswerFile, writeUsageFile } from '@iotistic/contracts/air-gap';
import { decodeCanonical, readCanonicalJson } from '@iotistic/contracts/signed-document';
import { unwrapToken } from '@iotistic/contracts/wrapped-token';
import { z } from 'zod';
import type { AgentApp } from './app.ts';
import { readIfExists, writeDurably } from './durable-file.ts';
import type { OfferOutcome } from './license-states.ts';
import type { ListOutcome } from './trust.ts';
import type { UsageReport } from './usage.ts';

const KEY_FILE = 'instance-key.pem';
const EXPORTS_FILE = 'exports.json';
/** Files whose answers are still expected; older ones are forgotten. */
const MAX_EXPORTS = 1_000;

const exportsSchema = z.array(z.object({ fileId: z.string(), from: z.number(), through: z.number(), exportedAt: z.string() }));
type Export = z.infer<typeof exportsSchema>[number];

/** Why a file was not written, or an answer not taken. */
export type UsageFileProblem = FileRefusal | 'NO_LICENSE' | 'OTHER_CUSTOMER' | 'OTHER_INSTANCE' | 'OUT_OF_ORDER';

const WORDS: Record<UsageFileProblem, string> = {
  MALFORMED: 'The file is no answer of the control plane, or it was cut off',
  TAMPERED: 'The file is not what the control plane signed',
  UNKNOWN_KEY: 'The file is signed with a key that this agent does not know: set LICENSE_PUBLIC_KEY',
  TOO_LARGE: 'The file is larger than any answer',
  NO_LICENSE: 'There is no license, so that nobody could tell whose usage it is: put one into IOTISTIC_LICENSE_KEY or license.jwt',
  OTHER_CUSTOMER: "The file is another customer's",
  OTHER_INSTANCE: 'The file is of another instance',
  OUT_OF_ORDER: 'An earlier usage file has no answer yet: import that one first',
};

export class UsageFileError extends Error {
  constructor(readonly reason: UsageFileProblem) {
    super(`${WORDS[reason]} (${reason})`);
    this.name = 'UsageFileError';
  }
}

export interface Imported {
  /** Reports that have their verdict now; 0 when the answer was imported before. */
  settled: number;
  verdicts: AnswerFile['verdicts'];
  license: OfferOutcome | null;
  revocations: ListOutcome;
}

type Parts = Pick<AgentApp, 'config' | 'clock' | 'keeper' | 'trust' | 'spool' | 'reporter' | 'agentVersion'>;

/**
 * Writes what waits in the spool into signed files, for a control plane that is not to be reached. Nothing leaves the spool:
 * that is for the answer. Asked again, it writes the same reports again.
 * @throws UsageFileError NO_LICENSE
 */
export async function exportUsage(app: Parts): Promise<string[]> {
  const customerId = app.keeper.standing().claims?.customerId;
  if (customerId === undefined) throw new UsageFileError('NO_LICENSE');
  const key = await instanceKey(app.config.AGENT_DATA_DIR);
  const last = app.spool.pending(Number.MAX_SAFE_INTEGER).at(-1);
  if (last !== undefined) await app.spool.noteAttempt(last.sequence);
  const waiting = app.spool.pending(Number.MAX_SAFE_INTEGER);
  const files: string[] = [];
  const written: Export[] = [];
  // Without reports there is a file too: it asks for the license.
  for (let start = 0; start === 0 || start < waiting.length; ) {
    const { file, entry, count } = writeOne(app, customerId, waiting.slice(start, start + MAX_REPORTS_PER_FILE), key);
    files.push(file);
    written.push(entry);
    start += Math.max(1, count);
  }
  await saveExports(app.config.AGENT_DATA_DIR, [...(await readExports(app.config.AGENT_DATA_DIR)), ...written]);
  return files;
}

/** As many of the reports as fit into a file. */
function writeOne(app: Parts, customerId: string, reports: readonly UsageReport[], key: KeyObject): { file: string; entry: Export; count: number } {
  const now = app.clock.now();
  const fileId = randomUUID();
  try {
    const content = { fileId, customerId, instance: app.config.INSTANCE_ID, agentVersion: app.agentVersion, exportedAt: Math.floor(now.getTime() / 1000), holding: app.keeper.standing().claims?.jti ?? null, reports: [...reports] };
    const file = writeUsageFile(content, key);
    const entry = { fileId, from: reports[0]?.sequence ?? 0, through: reports.at(-1)?.sequence ?? 0, exportedAt: now.toISOString() };
    return { file, entry, count: reports.length };
  } catch (error) {
    if (!(error instanceof RangeError) || reports.length < 2) throw error;
    return writeOne(app, customerId, reports.slice(0, Math.ceil(reports.length / 2)), key);
  }
}

/**
 * Takes the control plane's answer to a usage file: its reports leave the spool with their verdicts, the license, the
 * revocations and the keys are taken as from a fetch. The same answer again changes nothing.
 * @throws UsageFileError; then nothing was taken.
 */
export async function importAnswer(app: Parts, answer: string): Promise<Imported> {
  const { trust, keeper, clock, spool, config } = app;
  const text = unwrapToken(answer);
  await trust.follow(announcementsIn(text));
  const read = readAnswerFile(text, trust.findKey);
  if (read.state !== 'GOOD') throw new UsageFileError(read.state);
  const { content } = read;
  if (content.instance !== config.INSTANCE_ID) throw new UsageFileError('OTHER_INSTANCE');
  const customerId = keeper.standing().claims?.customerId;
  if (customerId !== undefined && content.customerId !== customerId) throw new UsageFileError('OTHER_CUSTOMER');
  const exported = (await readExports(config.AGENT_DATA_DIR)).find(({ fileId }) => fileId === content.fileId);
  const waiting = spool.pending(Number.MAX_SAFE_INTEGER);
  const answered = exported === undefined ? [] : waiting.filter(({ sequence }) => sequence >= exported.from && sequence <= exported.through);
  if (answered.length > 0 && answered[0] !== waiting[0]) throw new UsageFileError('OUT_OF_ORDER');
  clock.observeSigned(new Date(content.iat * 1000));
  keeper.follow('elapsed');
  const revocations = await trust.takeRevocations(content.revocationList);
  keeper.follow('revoked');
  const license = content.license === null ? null : await keeper.offer(content.license);
  if (answered.length > 0) await app.reporter.settleAnswered(answered, content.verdicts);
  await clock.persist();
  return { settled: answered.length, verdicts: content.verdicts, license, revocations };
}

/** The announcements in an answer that may be signed with a key that only they make known: each is checked by itself. */
function announcementsIn(text: string): string[] {
  const payload = readCanonicalJson(decodeCanonical(unwrapToken(text).split('.')[1] ?? ''));
  return z.array(z.string()).safeParse(payload?.['signingKeys']).data ?? [];
}

/** Made once: the control plane knows the instance's files by it. */
async function instanceKey(folder: string): Promise<KeyObject> {
  const kept = await readIfExists(join(folder, KEY_FILE));
  if (kept !== null) return createPrivateKey(kept);
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeDurably(join(folder, KEY_FILE), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return privateKey;
}

async function readExports(folder: string): Promise<Export[]> {
  try {
    return exportsSchema.parse(JSON.parse((await readIfExists(join(folder, EXPORTS_FILE))) ?? '[]'));
  } catch {
    return [];
  }
}

async function saveExports(folder: string, entries: readonly Export[]): Promise<void> {
  await writeDurably(join(folder, EXPORTS_FILE), `${JSON.stringify(entries.slice(-MAX_EXPORTS))}\n`);
}
