import { CHAIN_START, chainHash } from './report-chain.ts';

/** A report of an evidence file, as far as the chain goes. */
export interface ChainLink {
  sequence: number | null;
  intervalStart: string;
  intervalEnd: string;
  counts: readonly number[];
  previousHash: string | null;
}

export interface ChainFinding {
  code: 'SEQUENCE_TWICE' | 'CHAIN_BROKEN';
  message: string;
}

/** Each report names the hash of the one numbered before it, as far as both are in the file. A chain may begin behind a report without a hash: the agent was older. */
export function checkChain(reports: readonly ChainLink[]): ChainFinding[] {
  const bySequence = new Map<number, ChainLink[]>();
  for (const report of reports) {
    if (report.sequence === null) continue;
    const same = bySequence.get(report.sequence);
    if (same === undefined) bySequence.set(report.sequence, [report]);
    else same.push(report);
  }
  const findings: ChainFinding[] = [];
  for (const [sequence, same] of bySequence) {
    if (same.length > 1) findings.push({ code: 'SEQUENCE_TWICE', message: `${same.length} reports have the number ${sequence}: of two agents under one name, or of one whose spool was lost.` });
    const before = bySequence.get(sequence - 1);
    if (before === undefined) continue;
    const expected = new Set(before.map((report) => (report.previousHash === null ? null : hashOf(report, sequence - 1, report.previousHash))));
    const follows = ({ previousHash }: ChainLink): boolean => expected.has(previousHash) || (expected.has(null) && previousHash === CHAIN_START) || (sequence === 1 && previousHash === CHAIN_START);
    if (!same.every(follows)) findings.push({ code: 'CHAIN_BROKEN', message: `Report ${sequence} does not carry the hash of report ${sequence - 1}: one of the two is not as it was sent.` });
  }
  return findings;
}

/** The first report of a day carries the head of the day before, as far as their numbers follow one another and both are one chain. */
export function checkDigestChain(digests: readonly { from: string; sequences: readonly (readonly [number, number])[]; firstHash: string | null; head: string | null }[]): ChainFinding[] {
  const heads = new Map(digests.flatMap(({ sequences: [run, ...more], head }) => (run === undefined || more.length > 0 || head === null ? [] : [[run[1], head] as const])));
  return digests.flatMap(({ from, sequences: [run, ...more], firstHash }): ChainFinding[] => {
    const head = run === undefined || more.length > 0 ? undefined : heads.get(run[0] - 1);
    if (head === undefined || firstHash === null || firstHash === CHAIN_START || firstHash === head) return [];
    return [{ code: 'CHAIN_BROKEN', message: `The digest from ${from} does not go on from the head of the one before it.` }];
  });
}

function hashOf({ intervalStart, intervalEnd, counts }: ChainLink, sequence: number, previousHash: string): string {
  return chainHash({ sequence, startMs: Date.parse(intervalStart), endMs: Date.parse(intervalEnd), counts, previousHash });
}
