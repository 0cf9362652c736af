import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { evidenceOf } from './evidence.testkit.ts';
import { createLog } from './log.ts';
import { type PastReport, ReportHistory } from './report-history.ts';
import { readSentReports } from './sent-reports.ts';
import { Spool } from './spool.ts';
import { COUNTERS, GAUGES } from './usage.ts';
import { verifyInvoice } from './verify-invoice.ts';

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-10-01T00:00:00.000Z');
const folder = mkdtempSync(join(tmpdir(), 'iotistic-history-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const day = (number: number): PastReport[] =>
  Array.from({ length: 24 }, (_each, hour) => {
    const startMs = START + (number * 24 + hour) * HOUR_MS;
    const numbers = Object.fromEntries([...GAUGES, ...COUNTERS].map((name, index) => [name, hour + index])) as Record<(typeof GAUGES)[number] | (typeof COUNTERS)[number], number>;
    return { reportId: `r-${number}-${hour}`, intervalStart: new Date(startMs).toISOString(), intervalEnd: new Date(startMs + HOUR_MS).toISOString(), ...numbers };
  });
const at = (days: number): Date => new Date(START + days * 24 * HOUR_MS);

describe('reports of a time before the agent', () => {
  it('are proven by its archive, the same after a restart, and its own follow them', async () => {
    const first = await ReportHistory.open(folder);
    const sent = [...(await first.add(day(0), at(1))), ...(await first.add(day(1), at(2)))];
    await first.close();
    const again = await ReportHistory.open(folder);
    expect(await again.add(day(1), at(3))).toEqual(sent.slice(24));
    sent.push(...(await again.add(day(2), at(3))));
    await again.handOver();
    await (await ReportHistory.open(folder)).handOver();
    const evidence = evidenceOf(sent, { meter: 'API_CALLS', from: at(0), to: at(30), exportedAt: at(40) });
    const log = createLog('silent');
    expect(verifyInvoice(evidence, await readSentReports({ AGENT_DATA_DIR: folder }, evidence, log))).toMatchObject({ verdict: 'AGREES', counts: { asSent: 72 } });
    const spool = await Spool.open(join(folder, 'spool'), log);
    expect([spool.lastSequence, spool.intervalEnd, spool.pendingCount]).toEqual([72, at(3), 0]);
    expect((await spool.append({ gauges: {}, counters: {}, baselines: {} }, { start: at(3), end: at(3.5) })).sequence).toBe(73);
    await spool.close();
  });
});
