/** What the dashboards and alerts ask of Prometheus, read by Prometheus' own grammar. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';

export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook: string };
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { type: string; uid: string };
  targets?: { refId: string; expr: string; legendFormat: string }[];
}

export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  schemaVersion: number;
  panels: Panel[];
  templating: { list: { name: string; type: string; query: string }[] };
}

/** What one part of an expression selects. */
export interface Selector {
  metric: string;
  matchers: { label: string; operator: string; value: string }[];
}

export const FOLDER = import.meta.dirname;

export function readAlerts(): { groups: { name: string; rules: AlertRule[] }[] } {
  return parse(readFileSync(join(FOLDER, 'prometheus/alerts.yml'), 'utf8')) as { groups: { name: string; rules: AlertRule[] }[] };
}

export function readDashboards(): Dashboard[] {
  const folder = join(FOLDER, 'grafana/dashboards');
  return readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Dashboard);
}

/** Every expression with where it stands. */
export function readExpressions(): { where: string; expr: string }[] {
  const alerts = readAlerts().groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => ({ where: `alert ${alert}`, expr })));
  const panels = readDashboards().flatMap(({ uid, panels: all }) => all.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ where: `${uid}: ${title}`, expr }))));
  return [...alerts, ...panels];
}

/** @throws Error where the expression is none. */
export function selectorsOf(expr: string): Selector[] {
  const selectors: Selector[] = [];
  const text = ({ from, to }: SyntaxNode): string => expr.slice(from, to);
  parser.parse(expr).iterate({
    enter({ node, type }) {
      if (type.isError) throw new Error(`${expr} is no PromQL: something is wrong at character ${node.from}`);
      if (type.name !== 'VectorSelector') return;
      const metric = node.getChild('Identifier');
      if (metric === null) throw new Error(`${expr} selects what it does not name`);
      const matchers = (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map((matcher) => {
        const [label, operator, value] = [matcher.getChild('LabelName'), matcher.getChild('MatchOp'), matcher.getChild('StringLiteral')];
        if (label === null || operator === null || value === null) throw new Error(`${expr} has a matcher without its parts`);
        return { label: text(label), operator: text(operator), value: JSON.parse(text(value)) as string };
      });
      selectors.push({ metric: text(metric), matchers });
    },
  });
  return selectors;
}
