/** What the documents say is tested here: that links lead somewhere, examples fit the schema, and names are those that the code has. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { billingConfig } from '@iotistic/billing/config';
import { commonConfig } from '@iotistic/chassis/config';
import { subgraphProcessConfig } from '@iotistic/chassis/subgraph-process';
import { planeConfig } from '@iotistic/control-plane/config';
import { EVENTS } from '@iotistic/contracts/events';
import { customersConfig } from '@iotistic/customers/config';
import { gatewayConfig, gatewayProcessConfig } from '@iotistic/gateway/config';
import { licensingConfig } from '@iotistic/licensing/config';
import { usageConfig } from '@iotistic/usage/config';
import { getOperationAST, getVariableValues, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { agentConfig } from './instance-agent/src/config.ts';
import { readPublicSchema } from './schema/public-schema.ts';

const root = import.meta.dirname;
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).split('\n').filter((path) => path !== '' && existsSync(join(root, path)));
const pages = tracked.filter((path) => path.endsWith('.md'));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, (code) => (code.includes('](') ? '' : code));

/** The anchor that a forge gives a heading. */
function slugOf(heading: string): string {
  return heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-');
}

function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>([...text.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id));
  for (const [, heading = ''] of text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = slugOf(heading);
    let unique = slug;
    for (let again = 1; anchors.has(unique); again += 1) unique = `${slug}-${again}`;
    anchors.add(unique);
  }
  return anchors;
}

/** The links of a page that lead nowhere. */
function brokenLinks(path: string, text: string): string[] {
  const targets = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)|<a href="([^"]+)"/g)].map(([, link, href]) => link ?? href ?? '');
  return targets.filter((target) => {
    if (/^(https?|mailto):/.test(target)) return false;
    const [file = '', anchor] = target.split('#');
    const there = file === '' ? path : relative(root, join(root, dirname(path), file));
    if (!existsSync(join(root, there))) return true;
    return anchor !== undefined && !anchorsOf(there === path ? text : read(there)).has(anchor);
  });
}

describe('links', () => {
  it.each(pages)('of %s lead somewhere', (path) => {
    expect(brokenLinks(path, read(path))).toEqual([]);
  });

  it('that lead nowhere are seen', () => {
    const planted = '# A page\n[no file](docs/nothing.md) [no anchor](docs/errors.md#nothing) [no heading](#b-page) [good](docs/errors.md#conflict) [own](#a-page) `[code](x.md)`\n```\n[code](y.md)\n```\n';
    expect(brokenLinks('README.md', planted)).toEqual(['docs/nothing.md', 'docs/errors.md#nothing', '#b-page']);
  });

  it('of the README lead to every document', () => {
    const linked = [...read('README.md').matchAll(/\]\((docs\/[^)#]+)/g)].map(([, path = '']) => path);
    expect(pages.filter((path) => dirname(path) === 'docs' && !linked.includes(path))).toEqual([]);
  });
});

describe('what the documents name', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const isInstalled = (path: string): boolean => existsSync(join(root, path)) || (existsSync(join(root, dirname(path))) && readdirSync(join(root, dirname(path))).some((name) => name.startsWith(`${basename(path)}.`)));

  it.each(pages)('is there: the scripts and files of %s', (path) => {
    const text = read(path);
    const missing = [...text.matchAll(/npm run (?:-s |--silent )?([\w:-]+)/g)].map(([, name = '']) => name).filter((name) => !(name in scripts));
    const files = [...text.matchAll(/`((?:packages|gateway|subgraphs|schema|e2e|bench|docs|instance-agent|control-plane|stripe-simulator|charts|cli|observability)\/[\w./-]+)`/g)].map(([, file = '']) => file.replace(/\/$/, ''));
    const isBuilt = (file: string): boolean => file.includes('/dist/');
    const prefixes = [dirname(path), '.'];
    expect([...missing, ...files.filter((file) => !isBuilt(file) && !prefixes.some((folder) => isInstalled(join(folder, file))))]).toEqual([]);
  });
});

describe('docs/decisions.md', () => {
  const entries = read('docs/decisions.md').split(/\n\n+/).filter((paragraph) => !paragraph.startsWith('#'));

  it('says of each decision what, why, and what comes of it', () => {
    expect(entries.length).toBeGreaterThan(20);
    const parts = /^\*\*[^*]+\.\*\*\s[\s\S]*\*Rationale:\*\s\S[\s\S]*\*Consequence:\*\s\S[\s\S]*\.$/;
    expect(entries.filter((entry) => !parts.test(entry.trim())).map((entry) => entry.slice(0, 80))).toEqual([]);
    expect(parts.test('**A thing.** *Rationale:* so.')).toBe(false);
  });
});

describe('docs/architecture.md', () => {
  it('has every event, with who says and who hears it', () => {
    const rows = [...read('docs/architecture.md').matchAll(/^\| `([a-z_]+\.[a-z_]+)` \| (\w+) \| ([\w, ]+) \|/gm)].map(([, name = '', publisher, readers = '']): [string, unknown] => [name, { publisher, readers: readers.split(', ').toSorted() }]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(Object.entries(EVENTS).map(([name, { publisher, readers }]) => [name, { publisher, readers: readers.toSorted() }])));
  });
});

describe('docs/rest-to-graphql.md', () => {
  const text = read('docs/rest-to-graphql.md');
  const schema = readPublicSchema();
  const examples = [...text.matchAll(/^```graphql\n([\s\S]*?)^```\n(?:\n```json\n([\s\S]*?)^```)?/gm)].map(([, document = '', variables = '{}']) => ({ document, variables }));

  it.each(examples)('its example fits the schema, with its variables: $document', ({ document, variables }) => {
    const parsed = parse(document);
    expect(validate(schema, parsed).map(({ message }) => message)).toEqual([]);
    const { coerced, errors } = getVariableValues(schema, getOperationAST(parsed)?.variableDefinitions ?? [], JSON.parse(variables) as Record<string, unknown>);
    expect(errors?.map(({ message }) => message)).toBeUndefined();
    expect(Object.keys(JSON.parse(variables) as object).toSorted()).toEqual(Object.keys(coerced ?? {}).toSorted());
  });

  it('has an example for every endpoint of the design documents that is an operation now', () => {
    const sections = text.split(/^##+ /m).slice(1);
    const withExample = sections.filter((section) => section.includes('```graphql')).map((section) => section.split('\n')[0]);
    const endpoints = [...text.matchAll(/^\| `((?:GET|POST|PATCH|DELETE) [^`]+)`.* \| (.+) \|$/gm)].map(([, endpoint = '']) => endpoint);
    expect(endpoints.length).toBeGreaterThanOrEqual(22);
    expect(endpoints.filter((endpoint) => !withExample.includes(endpoint))).toEqual(['GET /api/v1/license']);
    expect(examples.length).toBeGreaterThanOrEqual(withExample.length);
  });
});

describe('docs/configuration.md', () => {
  const text = read('docs/configuration.md');
  const without = (schema: z.ZodObject, other: z.ZodObject | z.ZodRawShape): z.ZodRawShape => {
    const names = Object.keys(other instanceof z.ZodObject ? other.shape : other);
    return Object.fromEntries(Object.entries(schema.shape).filter(([name]) => !names.includes(name)));
  };
  const own = (schema: z.ZodObject): z.ZodRawShape => without(schema, { NODE_ENV: commonConfig.NODE_ENV });
  const CONTRACTS: [section: string, shape: z.ZodRawShape][] = [
    ['Every server process', commonConfig],
    ['npm start', without(planeConfig, commonConfig)],
    ['Gateway', { ...without(gatewayConfig, commonConfig), ...without(gatewayProcessConfig, gatewayConfig) }],
    ['A subgraph as a process', { ...without(subgraphProcessConfig, commonConfig), DATABASE_URL: subgraphProcessConfig.shape.DATABASE_URL }],
    ['customers', own(customersConfig)],
    ['billing', own(billingConfig)],
    ['licensing', own(licensingConfig)],
    ['usage', own(usageConfig)],
    ['Instance agent', agentConfig.shape],
  ];

  function rowsOf(section: string): Map<string, string> {
    const part = text.split(/^## /m).find((one) => one.startsWith(`${section}\n`)) ?? '';
    return new Map([...part.matchAll(/^\| `([A-Z_0-9]+)` \| (.+?) \| .+ \|$/gm)].map(([, name = '', fallback = '']) => [name, fallback]));
  }

  /** As the table says it. */
  function defaultOf(type: z.core.$ZodType): string {
    const parsed = z.safeParse(type, undefined);
    if (!parsed.success) return 'required';
    if (parsed.data === undefined || (Array.isArray(parsed.data) && parsed.data.length === 0)) return 'none';
    return parsed.data === hostname().slice(0, 128) ? "the host's name" : `\`${typeof parsed.data === 'string' ? parsed.data : JSON.stringify(parsed.data)}\``;
  }

  it.each(CONTRACTS)('names what is read by: %s, each with its default', (section, shape) => {
    const expected = Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, defaultOf(type)]));
    expect(Object.fromEntries(rowsOf(section))).toEqual(expected);
  });

  it('knows every name of .env.example, but for those of other programs there', () => {
    const others = ['POSTGRES_PASSWORD', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'PROMETHEUS_PORT', 'GRAFANA_PORT', 'MAILPIT_PORT'];
    const known = CONTRACTS.flatMap(([, shape]) => Object.keys(shape));
    const named = [...read('.env.example').matchAll(/^(\w+)=/gm)].map(([, name = '']) => name);
    expect(named.filter((name) => !known.includes(name))).toEqual(others);
  });

  it('knows every name that the README speaks of', () => {
    const known = new Set(CONTRACTS.flatMap(([, shape]) => Object.keys(shape)).flatMap((name) => [name, `${name}_FILE`]));
    const settings = /## Settings\n([\s\S]*?)\n## /.exec(read('README.md'))?.[1] ?? '';
    const named = [...settings.matchAll(/`([A-Z][A-Z_]{2,})`/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('docs/reliability.md', () => {
  const rows = [...read('docs/reliability.md').matchAll(/`([\w./-]+\.test\.ts)` "([^"]+)"/g)].map(([, file = '', name = '']) => ({ file, name }));

  it('maps each fault to a test that is there', () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter(({ file, name }) => !existsSync(join(root, file)) || !read(file).includes(name))).toEqual([]);
  });
});
