import { closeAll } from '@iotistic/chassis/lifecycle';
import { type PastReport, ReportHistory } from 'iotistic-agent/report-history';
import { DEMO_FLEET } from './demo-fleet.ts';

/**
 * What the demo's clusters sent in the days before their agents run, numbered, chained and archived as an agent does it, each
 * in its own agent's folder: so each of the demo's bills can be proven.
 */
export class DemoArchive {
  readonly #folderOf: (instance: string) => string;
  readonly #histories = new Map<string, Promise<ReportHistory>>();

  constructor(folderOf: (instance: string) => string) {
    this.#folderOf = folderOf;
  }

  /** The reports as they are to be sent; those that were archived before come as they were. One call at a time for an instance. */
  async numbered(instance: string, reports: readonly PastReport[], now: Date): ReturnType<ReportHistory['add']> {
    return (await this.#open(instance)).add(reports, now);
  }

  /** The agents may begin: each goes on behind what was sent. */
  async handOver(): Promise<void> {
    for (const { name } of DEMO_FLEET.flatMap(({ instances }) => instances)) await (await this.#open(name)).handOver();
    this.#histories.clear();
  }

  async close(): Promise<void> {
    await closeAll([...this.#histories.values()].map((history) => async () => (await history).close()));
  }

  #open(instance: string): Promise<ReportHistory> {
    const open = this.#histories.get(instance) ?? ReportHistory.open(this.#folderOf(instance));
    this.#histories.set(instance, open);
    return open;
  }
}
