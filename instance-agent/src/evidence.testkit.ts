import { EVIDENCE_FORMAT, type EvidenceHour, meterValueOf, type UsageEvidence } from '@iotistic/contracts/usage-evidence';
import { countsOf } from './spool-chain.ts';
import type { UsageReport } from './usage.ts';

const HOUR_MS = 3_600_000;

export interface EvidenceShape {
  meter: UsageEvidence['header']['meter'];
  from: Date;
  to: Date;
  exportedAt: Date;
  adjustments?: readonly number[];
}

/** What the control plane exports for these reports, of which it took each once. In every hour the customer's other instances have 5 more. */
export function evidenceOf(reports: readonly UsageReport[], { meter, from, to, exportedAt, adjustments = [] }: EvidenceShape): UsageEvidence {
  const isGauge = meter === 'DEVICES' || meter === 'STORAGE_BYTES';
  const inPeriod = reports.filter(({ intervalEnd }) => Date.parse(intervalEnd) > from.getTime() && Date.parse(intervalEnd) <= to.getTime()).toSorted((a, b) => a.sequence - b.sequence);
  const hours = new Map<number, EvidenceHour>();
  for (const report of inPeriod) {
    const startMs = Math.max(from.getTime(), Math.floor((Date.parse(report.intervalEnd) - 1) / HOUR_MS) * HOUR_MS);
    const before = hours.get(startMs) ?? { hour: new Date(startMs).toISOString(), total: 5, own: 0, reports: 0 };
    const value = meterValueOf(meter, countsOf(report));
    const own = isGauge ? Math.max(before.own, value) : before.own + value;
    hours.set(startMs, { ...before, own, total: own + 5, reports: before.reports + 1 });
  }
  const sorted = [...hours].toSorted(([a], [b]) => a - b).map(([, hour]) => hour);
  const measured = sorted.reduce((all, { total }) => (isGauge ? Math.max(all, total) : all + total), 0);
  const adjusted = adjustments.reduce((sum, quantity) => sum + quantity, 0);
  return {
    header: {
      format: EVIDENCE_FORMAT,
      customerId: 'cust_a',
      instance: 'site-1',
      meter,
      kind: isGauge ? 'gauge' : 'counter',
      periodStart: from.toISOString(),
      periodEnd: to.toISOString(),
      countsFrom: from.toISOString(),
      quantity: Math.max(0, measured + adjusted),
      measured,
      adjusted,
      exportedAt: exportedAt.toISOString(),
    },
    adjustments: adjustments.map((quantity, index) => ({ id: `adj_${index}`, quantity, reason: 'A double count', signedOffBy: 'ops', signedOffAt: from.toISOString() })),
    hours: sorted,
    reports: inPeriod.map((report) => ({ sequence: report.sequence, intervalStart: report.intervalStart, intervalEnd: report.intervalEnd, counts: countsOf(report), previousHash: report.previousHash ?? null, late: false })),
  };
}
