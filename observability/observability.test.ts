/** Alerts, their tests and their sections belong together, and what is asked of Prometheus is PromQL. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FOLDER, type Panel, readAlerts, readDashboards, readExpressions, selectorsOf } from './expressions.ts';
import { CHART_ALERTS, prometheusRule } from './prometheus-rule.ts';

const rules = readAlerts().groups.flatMap((group) => group.rules);
const names = rules.map(({ alert }) => alert);
const page = readFileSync(join(FOLDER, '../docs/operating.md'), 'utf8');
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (!hasPromtool) process.stdout.write('promtool is not on the PATH (Debian: prometheus): when each alert fires is not tested here.\n');

describe('every expression', () => {
  it.each(readExpressions())('is PromQL: $where', ({ expr }) => {
    expect(selectorsOf(expr).length).toBeGreaterThan(0);
  });

  it('that is broken is seen', () => {
    for (const broken of ['sum(rate(foo[5m])', 'foo{bar=}', 'sum by (le foo)', '{a="b"}']) expect(() => selectorsOf(broken), broken).toThrow(/no PromQL|not name|without its parts/);
  });
});

describe('every alert', () => {
  it('has its section in docs/operating.md, and every section its alert', () => {
    const alerts = page.slice(page.indexOf('\n## Alerts\n'));
    const sections = [...alerts.matchAll(/^### (\w+)\n\n([\s\S]+?)(?=\n### |\n## |$(?![\s\S]))/gm)].map(([, name, text]) => ({ name, text }));
    expect(sections.map(({ name }) => name)).toEqual(names);
    for (const { name, text } of sections) for (const part of ['**Means.**', '**Look at.**', '**Do.**']) expect(text, `${name}: ${part}`).toContain(part);
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s says how grave it is, what it is, and where to read on', (_name, rule) => {
    expect(['critical', 'warning']).toContain(rule.labels.severity);
    expect(rule.annotations).toEqual({ summary: expect.any(String) as string, description: expect.any(String) as string, runbook: `docs/operating.md#${rule.alert.toLowerCase()}` });
  });

  it('has a case in which it fires', () => {
    const { tests } = parse(readFileSync(join(FOLDER, 'prometheus/alerts.test.yml'), 'utf8')) as { tests: { name: string }[] };
    expect(tests.slice(1).map(({ name }) => name)).toEqual(names);
  });

  it.skipIf(!hasPromtool && process.env['CI'] !== 'true')('fires when it should, and not before', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'alerts.test.yml'], { cwd: join(FOLDER, 'prometheus'), encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
    expect(spawnSync('promtool', ['check', 'config', 'prometheus.yml'], { cwd: join(FOLDER, 'prometheus') }).status).toBe(0);
  }, 120_000);

  it('is in the PrometheusRule as it is', () => {
    expect(parse(readFileSync(join(FOLDER, 'prometheus/prometheus-rule.yml'), 'utf8'))).toEqual(prometheusRule());
    expect(parse(readFileSync(CHART_ALERTS, 'utf8'))).toEqual(readAlerts());
  });
});

describe('every dashboard', () => {
  const dashboards = readDashboards();

  it('has a name of its own', () => {
    expect(dashboards.map(({ uid }) => uid).toSorted()).toEqual(['iotistic-billing', 'iotistic-fleet', 'iotistic-gateway', 'iotistic-queues-and-database']);
    expect(new Set(dashboards.map(({ title }) => title)).size).toBe(4);
  });

  it.each(dashboards.map((dashboard) => [dashboard.uid, dashboard] as const))('%s is one that Grafana draws: panels with places of their own, a source that can be chosen', (_uid, { panels, templating, schemaVersion }) => {
    expect(schemaVersion).toBeGreaterThanOrEqual(36);
    expect(templating.list).toContainEqual(expect.objectContaining({ name: 'datasource', type: 'datasource', query: 'prometheus' }));
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const panel of panels.filter(({ type }) => type !== 'row')) {
      expect(panel.datasource, panel.title).toEqual({ type: 'prometheus', uid: '${datasource}' });
      expect(panel.targets?.length, panel.title).toBeGreaterThan(0);
      expect(panel.gridPos.x + panel.gridPos.w, panel.title).toBeLessThanOrEqual(24);
      expect(panels.filter((other) => other !== panel && overlaps(panel, other)).map(({ title }) => title), panel.title).toEqual([]);
    }
  });
});

function overlaps({ gridPos: one }: Panel, { gridPos: other }: Panel): boolean {
  return one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;
}
