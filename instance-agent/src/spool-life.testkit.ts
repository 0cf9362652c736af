import { CHAIN_START } from '@iotistic/contracts/report-chain';
import { readArchive } from './archive-files.ts';
import { toEntry } from './archive-record.ts';
import { evidenceOf } from './evidence.testkit.ts';
import { START } from './licenses.testkit.ts';
import { ReportArchive } from './report-archive.ts';
import { hashOf } from './spool-chain.ts';
import { readSentReports } from './sent-reports.ts';
import { silentLog } from './surroundings.testkit.ts';
import { MachineStopped, type MemoryDisk } from './spool-disk.testkit.ts';
import { SpoolUnavailableError } from './spool-error.ts';
import { Spool, type SpoolOptions } from './spool.ts';
import type { UsageReport } from './usage.ts';
import { verifyInvoice, type InvoiceVerification } from './verify-invoice.ts';

const sum = (reports: Iterable<UsageReport>, name: 'mqttMessagesPublished' | 'httpRequests'): number => [...reports].reduce((total, report) => total + report[name], 0);

/**
 * A product whose counter rises, its spool on a disk that fails, and a control plane that takes each report once: together
 * they always hold exactly what the product counted.
 */
export class SpoolLife {
  /** What the product's counter shows. */
  source = 0;
  refusals = 0;
  readonly plane = new Map<string, UsageReport>();
  private minutes = 0;
  private acknowledged = 0;
  private highestGauge = 0;
  /** What may be kept of what the product said itself: several where a crash left it open. */
  private requests = new Set([0]);
  /** What a refused one would make it: should the machine stop before the spool can cut it off, it may be found written. */
  private doubtful = new Set<number>();

  private constructor(readonly disk: MemoryDisk, private readonly options: SpoolOptions, public spool: Spool) {}

  static async begin(disk: MemoryDisk, options: SpoolOptions): Promise<SpoolLife> {
    return new SpoolLife(disk, options, await openSpool(disk, options, () => START));
  }

  async append(messages: number, gauge: number, minutes = 1): Promise<void> {
    this.source += messages;
    const value = this.source;
    const at = START.getTime() + this.minutes * 60_000;
    this.minutes += minutes;
    const collected = { gauges: { activeDevices: gauge }, counters: { mqttMessagesPublished: value - this.taken }, baselines: { a: { replace: false, series: { s: value } } } };
    const outcome = await this.survive(() => this.spool.append(collected, { start: new Date(at), end: new Date(at + minutes * 60_000) }));
    if (outcome !== true) return;
    this.acknowledged = value;
    this.highestGauge = Math.max(this.highestGauge, gauge);
  }

  async record(requests: number): Promise<void> {
    const outcome = await this.survive(() => this.spool.record({}, { httpRequests: requests }));
    const grown = [...this.requests].map((sum) => sum + requests);
    if (outcome === true) this.requests = new Set(grown);
    else this.doubtful = new Set([...this.doubtful, ...grown]);
  }

  async mend(): Promise<void> {
    await this.survive(() => this.spool.mend(), false);
  }

  /** Sends the oldest; the reply may be lost. */
  async send(limit: number, isReplyLost: boolean): Promise<void> {
    await this.survive(async () => {
      const reports = await this.spool.noteAttempt(this.spool.pending(limit).at(-1)?.sequence ?? 0);
      for (const report of reports) {
        const known = this.plane.get(report.reportId);
        if (known !== undefined && JSON.stringify(known) !== JSON.stringify(report)) throw new Error(`Report ${report.reportId} was changed after it was sent`);
        this.plane.set(report.reportId, report);
      }
      const last = reports.at(-1);
      if (last !== undefined && !isReplyLost) await this.spool.settle(last.sequence);
    }, false);
  }

  /** The machine starts again, after a kill or (with chance) a loss of power. */
  async restart(chance: (() => number) | null = null): Promise<void> {
    this.disk.restart(chance);
    this.requests = new Set([...this.requests, ...this.doubtful]);
    this.doubtful.clear();
    this.spool = await openSpool(this.disk, this.options, () => new Date(START.getTime() + this.minutes * 60_000));
  }

  /** @throws Error naming what does not add up. */
  check(): void {
    const all = [...this.everything().values()];
    if (this.taken < this.acknowledged) throw new Error(`The counter was acknowledged at ${this.acknowledged} and is at ${this.taken}`);
    expectEqual('messages', sum(all, 'mqttMessagesPublished'), this.taken);
    const highest = Math.max(0, ...all.map(({ activeDevices }) => activeDevices));
    if (highest < this.highestGauge) throw new Error(`The highest gauge ${this.highestGauge} became ${highest}`);
    const sequences = all.map(({ sequence }) => sequence).sort((a, b) => a - b);
    expectEqual('sequences', sequences.join(), sequences.map((_, index) => index + 1).join());
    expectEqual('last sequence', this.spool.lastSequence, all.length);
  }

  /** Each report that was attempted carries the hash of the one before it. */
  checkChain(): void {
    const all = [...this.everything().values()];
    let hash: string | null = CHAIN_START;
    for (const report of all.toSorted((a, b) => a.sequence - b.sequence)) {
      expectEqual(`hash of ${report.sequence}`, report.previousHash, report.previousHash === undefined && !this.plane.has(report.reportId) ? undefined : hash);
      hash = hashOf(report);
    }
  }

  /** What the archive says is what was sent, or is about to be; @param isComplete the disk never refused it: then it is all that was sent. */
  async checkArchive(isComplete: boolean): Promise<void> {
    const all = this.everything();
    const archived = new Set<string>();
    const { damaged } = await readArchive(this.disk, '/archive', (entry) => {
      const report = all.get(entry.reportId);
      expectEqual(`archived report ${entry.sequence}`, JSON.stringify(entry), report && JSON.stringify({ ...toEntry(report, START), sentAt: entry.sentAt }));
      archived.add(entry.reportId);
    });
    expectEqual('damaged lines', damaged, 0);
    if (!isComplete) return;
    for (const { reportId, sequence } of this.plane.values()) if (!archived.has(reportId)) throw new Error(`Report ${sequence} was sent, but is not in the archive`);
  }

  /** Brings everything to the control plane, and checks that all of it is there, once. */
  async finish(): Promise<void> {
    await this.append(1, 0);
    expectEqual('the counter', this.taken, this.source);
    expectEqual('bytes', this.spool.bytes, this.disk.segmentBytes);
    this.check();
    const requests = sum(this.everything().values(), 'httpRequests');
    if (!this.requests.has(requests)) throw new Error(`httpRequests: ${requests} instead of ${[...this.requests].join(' or ')}`);
    await this.send(1_000_000, false);
    expectEqual('pending', this.spool.pendingCount, 0);
    expectEqual('messages at the plane', sum(this.plane.values(), 'mqttMessagesPublished'), this.source);
  }

  /** What the control plane would export of all that it has, checked against what is on this disk. */
  async verify(): Promise<InvoiceVerification['verdict']> {
    const reports = [...this.plane.values()];
    const evidence = evidenceOf(reports, { meter: 'MQTT_MESSAGES', from: START, to: new Date(START.getTime() + 1e12), exportedAt: new Date(START.getTime() + 1e12) });
    expectEqual('measured', evidence.hours.reduce((sum, { own }) => sum + own, 0), this.source);
    return verifyInvoice(evidence, await readSentReports({ AGENT_DATA_DIR: '/' }, evidence, silentLog, this.disk)).verdict;
  }

  private get taken(): number {
    return this.spool.baselines['a']?.['s'] ?? 0;
  }

  private everything(): Map<string, UsageReport> {
    return new Map([...this.plane, ...this.spool.pending(1_000_000).map((report) => [report.reportId, report] as const)]);
  }

  /** True: written; false: refused; null: the machine stopped. */
  private async survive(work: () => Promise<unknown>, isProof = true): Promise<boolean | null> {
    try {
      await work();
      if (isProof) this.doubtful.clear();
      return true;
    } catch (error) {
      if (error instanceof MachineStopped) return null;
      if (!(error instanceof SpoolUnavailableError)) throw error;
      this.refusals += 1;
      return false;
    }
  }
}

async function openSpool(disk: MemoryDisk, options: SpoolOptions, now: () => Date): Promise<Spool> {
  const archive = new ReportArchive('/archive', silentLog, { days: 400, maxBytes: 1e9, fileBytes: 2_000, disk, now });
  return Spool.open('/spool', silentLog, { ...options, disk, archive });
}

function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${what}: ${String(found)} instead of ${String(expected)}`);
}
