import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { readUsageEvidence, type UsageEvidence } from '@iotistic/contracts/usage-evidence';
import { openLicenseParts, type Surroundings } from './app.ts';
import type { Terminal } from './cli.ts';
import { readSentReports } from './sent-reports.ts';
import { verifyInvoice, type InvoiceVerification } from './verify-invoice.ts';

const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** Of each kind; the rest is counted. */
const FINDINGS_SHOWN = 20;

const VERDICTS: Record<InvoiceVerification['verdict'], string> = {
  AGREES: 'The file agrees with what this instance sent.',
  DISAGREES: 'The file does not agree with what this instance sent.',
  INCOMPLETE: 'Not proven: nothing disagrees, but not everything can be shown.',
};
const EXIT_CODES: Record<InvoiceVerification['verdict'], number> = { AGREES: 0, DISAGREES: 1, INCOMPLETE: 2 };

/** A file that nothing can be checked by. */
export class EvidenceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EvidenceError';
  }
}

/**
 * `verify-invoice`: an evidence file against the archive. 0 when it agrees, 1 when it does not, 2 when not all of it can be
 * proven. Asks nobody and writes nothing.
 * @throws EvidenceError for a file that is none, or is another instance's.
 */
export async function verifyInvoiceFile(terminal: Terminal, file: string, json: boolean, surroundings: Surroundings): Promise<number> {
  const evidence = readEvidence(file === '-' ? await text(terminal.input()) : await readLimited(file));
  await checkOwner(evidence, surroundings);
  const sent = await readSentReports(surroundings.config, evidence, surroundings.log);
  const verification = verifyInvoice(evidence, sent);
  terminal.print(json ? JSON.stringify({ ...verification, header: evidence.header, damagedArchiveLines: sent.damaged }, null, 2) : describe(evidence, verification, sent.damaged));
  return EXIT_CODES[verification.verdict];
}

function readEvidence(content: string): UsageEvidence {
  const read = readUsageEvidence(content);
  if (read.state === 'GOOD') return read.evidence;
  throw new EvidenceError(`The file is no usage evidence, or it was damaged: line ${read.line}, ${printable(read.reason)}.`);
}

async function readLimited(file: string): Promise<string> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw new EvidenceError(`The file cannot be read: ${error instanceof Error ? error.message : ''}`);
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile() && !stat.isFIFO()) throw new EvidenceError('The file cannot be read: it is none.');
    if (stat.size > MAX_FILE_BYTES) throw new EvidenceError('The file is larger than any usage evidence.');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

async function checkOwner({ header }: UsageEvidence, surroundings: Surroundings): Promise<void> {
  const { INSTANCE_ID } = surroundings.config;
  if (header.instance !== INSTANCE_ID) throw new EvidenceError(`The file is of the instance ${printable(header.instance)}, this one is ${INSTANCE_ID}: its own agent can check it.`);
  const customerId = (await openLicenseParts(surroundings, false)).keeper.standing().claims?.customerId;
  if (customerId !== undefined && header.customerId !== customerId) throw new EvidenceError(`The file is of the customer ${printable(header.customerId)}, the license here of ${customerId}.`);
}

function describe({ header, adjustments }: UsageEvidence, { verdict, reports, counts, digested, findings }: InvoiceVerification, damaged: number): string {
  const table: [string, number][] = [
    ['Reports in the file', reports],
    ['  as they were sent', counts.asSent],
    ['  proven by a later one', counts.provenByChain],
    ['  not as they were sent', counts.differ],
    ['  never sent from here', counts.neverSent],
    ['  not archived', counts.notArchived],
    ...(digested === undefined ? [] : ([['Reports in digests of days', digested.reports], ['  proven by the archive', digested.proven]] satisfies [string, number][])),
    ['Sent, but not in the file', counts.notBilled + counts.notShown + counts.refused + counts.sentAfterExport + counts.waiting],
    ['  not billed', counts.notBilled],
    ['  shown as hours only', counts.notShown],
    ['  refused when they were sent', counts.refused],
    ['  sent after the export', counts.sentAfterExport],
    ['  waiting for their verdict', counts.waiting],
  ];
  return [
    `${header.meter} of ${header.instance}, ${header.periodStart} to ${header.periodEnd}`,
    `Quantity ${header.quantity}: measured ${header.measured}, adjusted ${header.adjusted}. Measured are all instances of the customer; each agent proves its own.`,
    ...adjustments.map(({ id, quantity, reason, signedOffBy, signedOffAt }) => `Adjustment ${printable(id)} of ${quantity}, signed off by ${printable(signedOffBy)} at ${signedOffAt}: ${printable(reason)}`),
    '',
    ...table.map(([name, count]) => `${name.padEnd(30)} ${String(count).padStart(9)}`),
    '',
    ...(damaged > 0 ? [`The archive has ${damaged} lines that do not read: what they said proves nothing.`] : []),
    ...shorten(findings),
    VERDICTS[verdict],
  ].join('\n');
}

function shorten(findings: InvoiceVerification['findings']): string[] {
  const seen = new Map<string, number>();
  const shown: string[] = [];
  for (const { code, message } of findings) {
    seen.set(code, (seen.get(code) ?? 0) + 1);
    if ((seen.get(code) ?? 0) <= FINDINGS_SHOWN) shown.push(`${code}: ${printable(message)}`);
  }
  for (const [code, count] of seen) if (count > FINDINGS_SHOWN) shown.push(`${code}: and ${count - FINDINGS_SHOWN} more.`);
  return shown;
}

/** Text of the file must not steer the terminal that it is shown on. */
function printable(words: string): string {
  return words.replaceAll(/\p{C}/gu, ' ');
}
