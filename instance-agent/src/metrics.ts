import { Counter, Gauge, Registry } from 'prom-client';
import type { AgentApp } from './app.ts';
import type { KeeperState } from './license-keeper.ts';

const STATES: readonly KeeperState[] = ['unlicensed', 'licensed', 'grace', 'read-only', 'expired'];

/** The agent's own metrics, computed when they are asked for. */
export function createMetrics(app: AgentApp): Registry {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) => new Gauge({ name, help, registers, collect() { this.set(read()); } });
  new Gauge({
    name: 'iotistic_agent_license_state',
    help: '1 for the state the license is in, 0 for the others.',
    labelNames: ['state'],
    registers,
    collect() {
      const { state } = app.keeper.standing();
      for (const name of STATES) this.set({ state: name }, name === state ? 1 : 0);
    },
  });
  new Gauge({
    name: 'iotistic_agent_collector_up',
    help: 'Whether an endpoint answered at the last collection.',
    labelNames: ['url'],
    registers,
    collect() {
      for (const { url, ok } of app.meter.collectors) this.set({ url }, ok ? 1 : 0);
    },
  });
  gauge('iotistic_agent_license_expires_timestamp_seconds', 'When the license expires; 0 without one.', () => app.keeper.standing().claims?.exp ?? 0);
  gauge('iotistic_agent_license_unlicensed_timestamp_seconds', 'When the calendar of the license ends; 0 without one.', () => Date.parse(app.keeper.standing().claims?.degradation.unlicensedFrom ?? '1970-01-01T00:00:00Z') / 1000);
  gauge('iotistic_agent_clock_skew_seconds', 'The machine clock minus the time that is used.', () => app.clock.skewSeconds());
  gauge('iotistic_agent_spool_reports', 'Reports that have no verdict yet.', () => app.spool.pendingCount);
  gauge('iotistic_agent_spool_bytes', 'Size of the spool on disk.', () => app.spool.bytes);
  gauge('iotistic_agent_report_sequence', 'Sequence of the newest report.', () => app.spool.lastSequence);
  gauge('iotistic_agent_last_contact_timestamp_seconds', 'When the control plane last answered; 0 before the first time.', () => (app.reporter.lastContactAt?.getTime() ?? 0) / 1000);
  addTotals(app, registers);
  return registry;
}

function addTotals(app: AgentApp, registers: Registry[]): void {
  new Counter({
    name: 'iotistic_agent_reports_total',
    help: 'Reports by their verdict, since the agent started; accepted includes late ones.',
    labelNames: ['verdict'],
    registers,
    collect() {
      this.reset();
      for (const verdict of ['accepted', 'late', 'duplicates', 'rejected'] as const) this.inc({ verdict }, app.reporter.totals[verdict]);
    },
  });
  new Counter({
    name: 'iotistic_agent_exchange_failures_total',
    help: 'Exchanges with the control plane that failed, since the agent started.',
    registers,
    collect() {
      this.reset();
      this.inc(app.reporter.totals.failures);
    },
  });
}
