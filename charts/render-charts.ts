/** Charts as helm renders them, without helm: by the renderer of charts/render, which Go and two packages of Debian build. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { IPodSpec } from 'kubernetes-models/v1';
import { parse, parseAllDocuments } from 'yaml';

const ROOT = join(import.meta.dirname, '..');
const DEBIAN_GO_PATH = '/usr/share/gocode';
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

export type ChartName = 'customer-instance' | 'control-plane';
type Values = Record<string, unknown>;

/** What one command line would say of a chart. */
export interface ChartCase {
  chart: ChartName;
  release?: string;
  /** Over the chart's ci/values.yaml; null takes a value away. */
  values?: Values;
  upgrade?: boolean;
  /** What lookup finds, by apiVersion/kind/namespace/name. */
  cluster?: Record<string, object>;
}

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: unknown;
  [field: string]: unknown;
}

export interface RenderedChart {
  manifests: Manifest[];
  notes: string;
  /** All templates, one after another: for what must be nowhere. */
  text: string;
  values: Values;
}

export const NAMESPACE = 'customer-acme';

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => folder !== '' && existsSync(join(folder, program)));
}

/** Why charts cannot be rendered on this machine; null where they can. In CI it is never missing: .ci/run installs it. */
export function whatIsMissing(): string | null {
  if (process.env['CI'] === 'true') return null;
  const missing = [
    ...(isOnPath('go') ? [] : ['golang-go']),
    ...(existsSync(join(DEBIAN_GO_PATH, 'src/github.com/Masterminds/sprig')) ? [] : ['golang-github-masterminds-sprig-dev']),
    ...(existsSync(join(DEBIAN_GO_PATH, 'src/sigs.k8s.io/yaml')) ? [] : ['golang-k8s-sigs-yaml-dev']),
  ];
  return missing.length === 0 ? null : `charts are not rendered here: Debian's ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not installed`;
}

/** Renders all cases in one run of the renderer. @throws Error with the name of a case that cannot be rendered, and why. */
export function renderCharts<Name extends string>(cases: Readonly<Record<Name, ChartCase>>): Record<Name, RenderedChart> {
  const folder = mkdtempSync(join(tmpdir(), 'iotistic-charts-'));
  try {
    const program = join(folder, 'render');
    const environment = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? folder, GO111MODULE: 'off', GOPATH: DEBIAN_GO_PATH, GOFLAGS: '', CGO_ENABLED: '0' };
    execFileSync('go', ['build', '-o', program, './charts/render'], { cwd: ROOT, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const names = Object.keys(cases) as Name[];
    const input = JSON.stringify(names.map((name) => ({ release: 'acme', namespace: NAMESPACE, ...cases[name], chart: chartFolder(cases[name].chart), values: valuesOf(cases[name]) })));
    const results = JSON.parse(execFileSync(program, { input, encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES })) as { files?: Record<string, string>; values?: Values; error?: string }[];
    return Object.fromEntries(
      names.map((name, index) => {
        const { files, values, error } = results[index] ?? { error: 'the renderer was silent' };
        if (files === undefined || values === undefined) throw new Error(`${name}: ${error ?? ''}`);
        return [name, toRendered(files, values)];
      }),
    ) as Record<Name, RenderedChart>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function toRendered(files: Record<string, string>, values: Values): RenderedChart {
  const notes = Object.entries(files).find(([name]) => name.endsWith('/NOTES.txt'))?.[1] ?? '';
  const templates = Object.entries(files).filter(([name]) => name.endsWith('.yaml'));
  return { values, notes, manifests: templates.flatMap(([name, text]) => parseManifests(name, text)), text: templates.map(([, text]) => text).join('\n---\n') };
}

export function parseManifests(name: string, text: string): Manifest[] {
  return parseAllDocuments(text, { strict: true, uniqueKeys: true })
    .map((document) => {
      if (document.errors.length > 0) throw new Error(`${name}: ${document.errors[0]?.message ?? ''}\n${text}`);
      return document.toJS() as Manifest | null;
    })
    .filter((manifest) => manifest !== null);
}

export function chartFolder(chart: ChartName): string {
  return join(ROOT, 'charts', chart);
}

export function valuesOf({ chart, values }: ChartCase): Values {
  return merged(parse(readFileSync(join(chartFolder(chart), 'ci/values.yaml'), 'utf8')) as Values, values ?? {});
}

/** Values over values, as helm lays them: maps are joined, everything else is replaced. */
export function merged(own: Values, given: Values): Values {
  const isMap = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);
  return { ...own, ...Object.fromEntries(Object.entries(given).map(([key, value]) => [key, isMap(value) && isMap(own[key]) ? merged(own[key], value) : value])) };
}

/** What values.schema.json has against values, as `path message`. */
export function schemaProblems(chart: ChartName): (values: Values) => string[] {
  const validate = new Ajv({ allErrors: true, strict: false }).compile(JSON.parse(readFileSync(join(chartFolder(chart), 'values.schema.json'), 'utf8')) as object);
  return (values) => (validate(values) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`));
}

/** The chart's values with these over its ci/values.yaml, for the schema: needs no renderer. */
export function mergedValues(chart: ChartName, values: Values): Values {
  return merged(ownValues(chart), valuesOf({ chart, values }));
}

export function ownValues(chart: ChartName): Values {
  return parse(readFileSync(join(chartFolder(chart), 'values.yaml'), 'utf8')) as Values;
}

/** The same by helm itself, where there is one; null where there is none. */
export function renderWithHelm(cases: readonly ChartCase[]): Manifest[][] | null {
  if (!isOnPath('helm')) return null;
  const folder = mkdtempSync(join(tmpdir(), 'iotistic-helm-'));
  try {
    return cases.map((each) => {
      const file = join(folder, 'values.json');
      writeFileSync(file, JSON.stringify(valuesOf(each)));
      execFileSync('helm', ['lint', '--strict', '--values', file, chartFolder(each.chart)], { stdio: 'pipe' });
      return parseManifests(each.chart, execFileSync('helm', ['template', each.release ?? 'acme', chartFolder(each.chart), '--namespace', NAMESPACE, '--values', file], { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES }));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The one of this kind and name. @throws Error when there is none, or more than one. */
export function findManifest({ manifests }: RenderedChart, kind: string, name: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} of kind ${kind} are named ${name}`);
  return found[0];
}

export interface Pods {
  owner: Manifest;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  spec: IPodSpec;
}

/** What pods there will be, whoever makes them. */
export function podsOf({ manifests }: RenderedChart): Pods[] {
  return manifests.flatMap((owner) => {
    if (owner.kind === 'Pod') return [{ owner, labels: owner.metadata.labels ?? {}, annotations: owner.metadata.annotations ?? {}, spec: owner.spec as IPodSpec }];
    const template = (owner.spec as { template?: { metadata: { labels?: Record<string, string>; annotations?: Record<string, string> }; spec: IPodSpec } } | undefined)?.template;
    return template === undefined ? [] : [{ owner, labels: template.metadata.labels ?? {}, annotations: template.metadata.annotations ?? {}, spec: template.spec }];
  });
}

export function containersOf(rendered: RenderedChart): { name: string; pod: Pods; container: IPodSpec['containers'][number]; isInit: boolean }[] {
  return podsOf(rendered).flatMap((pod) => [
    ...pod.spec.containers.map((container) => ({ name: `${pod.owner.metadata.name}/${container.name}`, pod, container, isInit: false })),
    ...(pod.spec.initContainers ?? []).map((container) => ({ name: `${pod.owner.metadata.name}/${container.name}`, pod, container, isInit: true })),
  ]);
}

/** The environment of a container by name: the text, or the key of the Secret that it comes from. */
export function environmentOf(rendered: RenderedChart, name: string): Record<string, string> {
  const found = containersOf(rendered).find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no container ${name}`);
  return Object.fromEntries((found.container.env ?? []).map(({ name: variable, value, valueFrom }) => [variable, value ?? `secret:${valueFrom?.secretKeyRef?.name ?? ''}/${valueFrom?.secretKeyRef?.key ?? ''}${valueFrom?.secretKeyRef?.optional === true ? '?' : ''}`]));
}
