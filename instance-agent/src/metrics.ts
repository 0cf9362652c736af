import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { AgentApp } from './app.ts';
import { KEEPER_STATES } from './license-states.ts';
import { problemsOf } from './health.ts';
import { SPLITS } from './traffic-split.ts';

const VERDICTS = ['accepted', 'late', 'duplicates', 'rejected'] as const;

/** The agent's own metrics and those of its process, computed when they are asked for. @param isListening whether license changes are heard live */
export function createMetrics(app: AgentApp, isListening: () => boolean): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registry.registerMetric(gauge('live_updates', 'Whether changes of the license are heard as they happen.', () => (isListening() ? 1 : 0)));
  for (const metric of [...licenseMetrics(app), ...stateMetrics(app), ...totals(app)]) registry.registerMetric(metric);
  return registry;
}

function gauge(name: string, help: string, read: () => number): Gauge {
  return new Gauge({
    name: `iotistic_agent_${name}`,
    help,
    registers: [],
    collect() {
      this.set(read());
    },
  });
}

function licenseMetrics(app: AgentApp): Gauge[] {
  const state = new Gauge({
    name: 'iotistic_agent_license_state',
    help: '1 for the state the license is in, 0 for the others.',
    labelNames: ['state'],
    registers: [],
    collect() {
      const standing = app.keeper.standing();
      for (const name of KEEPER_STATES) this.set({ state: name }, name === standing.state ? 1 : 0);
    },
  });
  const claims = () => app.keeper.standing().claims;
  return [
    state,
    gauge('license_expires_timestamp_seconds', 'When the license expires; 0 without one.', () => claims()?.exp ?? 0),
    gauge('license_unlicensed_timestamp_seconds', 'When the calendar of the license ends; 0 without one.', () => Date.parse(claims()?.degradation.unlicensedFrom ?? '1970-01-01T00:00:00Z') / 1000),
  ];
}

function stateMetrics(app: AgentApp): Gauge[] {
  const collectors = new Gauge({
    name: 'iotistic_agent_collector_up',
    help: 'Whether an endpoint answered at the last collection.',
    labelNames: ['url'],
    registers: [],
    collect() {
      for (const { url, ok } of app.meter.collectors) this.set({ url }, ok ? 1 : 0);
    },
  });
  return [
    collectors,
    gauge('clock_skew_seconds', 'The machine clock minus the time that is used.', () => app.clock.skewSeconds()),
    gauge('spool_reports', 'Reports that have no verdict yet.', () => app.spool.pendingCount),
    gauge('spool_bytes', 'Size of the spool on disk.', () => app.spool.bytes),
    gauge('spool_write_failures', 'Writes that the disk refused, since the start.', () => app.spool.writeFailures),
    gauge('spool_oldest_pending_timestamp_seconds', 'Where the oldest report without a verdict begins; 0 when none waits.', () => (app.spool.oldestPendingAt?.getTime() ?? 0) / 1000),
    gauge('spool_merged_reports', 'Reports that were merged into others because the spool was full.', () => app.spool.mergedReports),
    gauge('spool_writable', 'Whether the spool can be written.', () => (app.spool.problem === null ? 1 : 0)),
    gauge('archive_bytes', 'Size of the archive of sent reports on disk; 0 before it is first written.', () => app.archive.bytes),
    gauge('archive_writable', 'Whether the archive of sent reports can be written.', () => (app.archive.problem === null ? 1 : 0)),
    gauge('revocation_epoch', 'Epoch of the list of revoked licenses that is held; 0 without one.', () => app.trust.list?.epoch ?? 0),
    gauge('problems', 'How many things are not well; the local API names them.', () => problemsOf(app).length),
    gauge('report_sequence', 'Sequence of the newest report.', () => app.spool.lastSequence),
    gauge('last_contact_timestamp_seconds', 'When the control plane last answered; 0 before the first time.', () => (app.reporter.lastContactAt?.getTime() ?? 0) / 1000),
  ];
}

function totals(app: AgentApp): Counter[] {
  const reports = new Counter({
    name: 'iotistic_agent_reports_total',
    help: 'Reports by their verdict, since the agent started; accepted includes late ones.',
    labelNames: ['verdict'],
    registers: [],
    collect() {
      this.reset();
      for (const verdict of VERDICTS) this.inc({ verdict }, app.reporter.totals[verdict]);
    },
  });
  const traffic = new Counter({
    name: 'iotistic_agent_traffic_total',
    help: 'Traffic as it was collected since the agent started: MQTT by quality of service, HTTP by category of endpoint.',
    labelNames: ['split', 'part'],
    registers: [],
    collect() {
      this.reset();
      for (const split of SPLITS) for (const [part, count] of Object.entries(app.meter.traffic[split] ?? {})) this.inc({ split, part }, count);
    },
  });
  const failures = new Counter({
    name: 'iotistic_agent_exchange_failures_total',
    help: 'Exchanges with the control plane that failed, since the agent started.',
    registers: [],
    collect() {
      this.reset();
      this.inc(app.reporter.totals.failures);
    },
  });
  return [reports, traffic, failures];
}
