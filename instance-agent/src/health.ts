import type { AgentApp } from './app.ts';
import type { AgentHealth } from './control-plane.ts';

/** What is not well, in the words of docs/agent-protocol.md; empty when all is. */
export function problemsOf(app: Pick<AgentApp, 'clock' | 'trust' | 'keeper' | 'meter' | 'spool' | 'archive' | 'reporter'>): string[] {
  const { clock, trust, keeper, meter, spool, archive, reporter } = app;
  return [
    ...(clock.isSkewed() ? ['CLOCK_SKEW'] : []),
    ...(reporter.timeNotProven ? ['TIME_NOT_PROVEN'] : []),
    ...(trust.isListStale(clock.now()) ? ['REVOCATIONS_STALE'] : []),
    ...(keeper.problem === null ? [] : ['LICENSE_FILE_NOT_TAKEN']),
    ...(spool.problem === null ? [] : [`SPOOL_${spool.problem.code}`]),
    ...(archive.problem === null ? [] : [`ARCHIVE_${archive.problem.code}`]),
    ...(meter.collectors.some(({ ok, checkedAt }) => checkedAt !== null && !ok) ? ['COLLECTOR_FAILED'] : []),
    ...(reporter.totals.rejected > 0 ? ['REPORTS_REJECTED'] : []),
  ];
}

/** What is told with each fetch. */
export function healthOf(app: Parameters<typeof problemsOf>[0]): AgentHealth {
  return { clockSkewSeconds: Math.max(-2_147_483_648, Math.min(2_147_483_647, app.clock.skewSeconds())), spooledReports: app.spool.pendingCount, problems: problemsOf(app) };
}
