import { CHAIN_COUNTS, chainHash } from '@iotistic/contracts/report-chain';
import type { UsageReport } from './usage.ts';

/** The report's numbers in the order of the chain. */
export function countsOf(report: UsageReport): number[] {
  return CHAIN_COUNTS.map((name) => report[name]);
}

/** What the report behind this one carries; null for a report of an earlier version, which is in no chain. */
export function hashOf(report: UsageReport): string | null {
  const { sequence, intervalStart, intervalEnd, previousHash } = report;
  return previousHash === undefined ? null : chainHash({ sequence, startMs: Date.parse(intervalStart), endMs: Date.parse(intervalEnd), counts: countsOf(report), previousHash });
}

export interface Linked {
  /** Those behind `after` and up to `through`, each with the hash of the one before it. */
  reports: UsageReport[];
  /** For the report behind them. */
  hash: string;
}

export interface Link {
  /** Up to here they are in the chain. */
  after: number;
  /** And up to here they are to be. */
  through: number;
  /** Of the report that was put in last. */
  hash: string;
  /** What some carry, by their sequence, where the one before them may be gone. */
  anchors?: Readonly<Record<number, string>> | undefined;
}

/** Puts the reports that are about to be sent into the chain. */
export function linkReports(waiting: readonly UsageReport[], { after, through, hash, anchors = {} }: Link): Linked {
  const linked: Linked = { reports: [], hash };
  for (const report of waiting) {
    if (report.sequence > through) break;
    if (report.sequence <= after) continue;
    const next = { ...report, previousHash: anchors[report.sequence] ?? linked.hash };
    linked.reports.push(next);
    linked.hash = hashOf(next) ?? linked.hash;
  }
  return linked;
}
