/** What we claim about the house is tested here. Each rule is shown a planted violation, so that one that silently stopped working is seen. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { SUBGRAPH_NAMES } from '@iotistic/contracts/caller';
import { REASONS } from '@iotistic/contracts/errors';
import { EVENTS } from '@iotistic/contracts/events';
import { afterAll, describe, expect, it } from 'vitest';

const root = import.meta.dirname;
const SOURCE_FOLDERS = ['packages/contracts/src', 'packages/chassis/src', 'gateway/src', ...SUBGRAPH_NAMES.map((name) => `subgraphs/${name}/src`), 'instance-agent/src', 'stripe-simulator/src', 'control-plane/src', 'cli/src'];

interface SourceFile {
  path: string;
  text: string;
}

const sources: SourceFile[] = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...SOURCE_FOLDERS], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path.endsWith('.ts') && !path.endsWith('generated.ts'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const product = sources.filter(({ path }) => !path.endsWith('.test.ts'));

function offenders(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.filter(({ text }) => pattern.test(text.replaceAll(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm, ''))).map(({ path }) => path);
}

/** A rule on the text of files: what it forbids, where, and a violation that it must see. */
interface TextRule {
  name: string;
  pattern: RegExp;
  files: readonly SourceFile[];
  planted: string;
}

const except = (files: readonly SourceFile[], ...allowed: RegExp[]): SourceFile[] => files.filter(({ path }) => !allowed.some((pattern) => pattern.test(path)));

const TEXT_RULES: TextRule[] = [
  { name: 'time comes from the clock', pattern: /\bDate\.now\(\)|new Date\(\)/, files: except(product, /packages\/chassis\/src\/clock\.ts$/, /(instance-agent|cli)\/src\/clock\.ts$/), planted: 'const now = Date.now();' },
  { name: 'only main touches the process', pattern: /\bprocess\.(env|exit|argv|on)\b/, files: except(product, /(^|\/)main\.ts$/, /chassis\/src\/(lifecycle|embedded-postgres[\w-]*)\.ts$/, /generate-keys\.ts$/), planted: 'const port = process.env.PORT;' },
  { name: 'nothing is skipped and nothing runs alone', pattern: /\b(describe|it|test)\.(skip|only|todo)\(/, files: sources.filter(({ path }) => path.endsWith('.test.ts')), planted: "it.only('x', () => {});" },
  { name: 'no test sleeps', pattern: /setTimeout\(\s*(resolve|r)\s*,/, files: sources.filter(({ path }) => path.endsWith('.test.ts')), planted: 'await new Promise((resolve) => setTimeout(resolve, 100));' },
  { name: 'no test asks how fast it was', pattern: /expect\((performance\.now\(\)|Date\.now\(\)) - /, files: sources.filter(({ path }) => path.endsWith('.test.ts')), planted: 'expect(performance.now() - startedAt).toBeLessThan(50);' },
  { name: 'a test waits as long as a busy machine needs', pattern: /\bvi\.waitFor\(/, files: sources.filter(({ path }) => path.endsWith('.test.ts')), planted: 'await vi.waitFor(() => expect(done).toBe(true));' },
  { name: 'the chassis knows no domain word', pattern: /\b(tenantPlan|invoice|stripe|license|entitlement|mqtt)\b/i, files: product.filter(({ path }) => path.startsWith('packages/chassis/')), planted: 'const license = 1;' },
  { name: 'live iterators are written by hand', pattern: /async function\s*\*|async \*/, files: product, planted: 'async function* events() {}' },
  { name: 'everyone but its main imports the App as a type', pattern: /^import (?!type )[^;]*from '(\.\.\/)+app\.ts'/m, files: product.filter(({ path }) => path.startsWith('subgraphs/')), planted: "import { startUsage } from '../app.ts';" },
];

describe('the text of the house', () => {
  it.each(TEXT_RULES)('$name', ({ pattern, files, planted }) => {
    expect(offenders(files, pattern)).toEqual([]);
    expect(offenders([{ path: 'planted.ts', text: planted }], pattern)).toEqual(['planted.ts']);
  });

  it('leaves nothing to do and switches no check off, in comments either', () => {
    const forbidden = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|expect-error|nocheck)|(ox|es)lint-disable/;
    expect(sources.filter(({ text }) => forbidden.test(text)).map(({ path }) => path)).toEqual([]);
    for (const planted of ['// TODO: later', '// @ts-ignore', '// oxlint-disable-next-line']) expect(forbidden.test(planted), planted).toBe(true);
  });

  it('has no file with a name that says nothing', () => {
    const forbidden = /\/(utils?|helpers?|common|types|misc|index)\.ts$/;
    expect(sources.map(({ path }) => path).filter((path) => forbidden.test(path) && !path.endsWith('/jobs/index.ts'))).toEqual([]);
    expect(forbidden.test('gateway/src/utils.ts')).toBe(true);
  });
});

describe('who may import whom', () => {
  const planted = mkdtempSync(join(root, '.tmp-planted-'));
  afterAll(() => rmSync(planted, { recursive: true, force: true }));

  async function violations(folders: string[], baseDir: string): Promise<string[]> {
    const { forbidden, options } = createRequire(import.meta.url)('./.dependency-cruiser.cjs') as { forbidden: object[]; options: { enhancedResolveOptions: object } };
    const result = await cruise(folders, { ...options, ruleSet: { forbidden }, validate: true, baseDir } as never, options.enhancedResolveOptions as never);
    const output = result.output as { summary: { totalCruised: number; violations: { rule: { name: string }; from: string; to: string }[] } };
    expect(output.summary.totalCruised).toBeGreaterThan(1);
    return output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  }

  it('holds in the whole tree', async () => {
    expect(await violations(SOURCE_FOLDERS, root)).toEqual([]);
  }, 60_000);

  const PLANTED: [rule: string, from: string, importing: string][] = [
    ['billing-imports-no-other-subgraph', 'subgraphs/billing/src/service/peek.ts', "import '../../../usage/src/domain/quantities.ts';"],
    ['gateway-imports-no-subgraph', 'gateway/src/peek.ts', "import '../../subgraphs/usage/src/domain/quantities.ts';"],
    ['domain-is-pure', 'subgraphs/usage/src/domain/impure.ts', "import '../service/report.ts';"],
    ['chassis-imports-contracts-only', 'packages/chassis/src/peek.ts', "import '../../../gateway/src/one.ts';"],
    ['agent-imports-license-errors-ids-only', 'instance-agent/src/peek.ts', "import '../../packages/chassis/src/peek.ts';"],
    ['cli-imports-contracts-only', 'cli/src/peek.ts', "import '../../packages/chassis/src/peek.ts';"],
    ['testkit-is-for-tests', 'gateway/src/testing.ts', "import '../../packages/testkit/src/clock.ts';"],
    ['not-to-unresolvable', 'gateway/src/lost.ts', "import './nowhere.ts';"],
    ['no-orphans', 'gateway/src/alone.ts', 'export const alone = 1;'],
    ['only-owners-import-opentelemetry', 'gateway/src/traces.ts', "import '@opentelemetry/api';"],
    ['only-owners-import-prom-client', 'gateway/src/counts.ts', "import 'prom-client';"],
    ['service-knows-no-door', 'subgraphs/usage/src/service/door.ts', "import '../graphql/resolvers.ts';"],
  ];
  const SUPPORT: Record<string, string> = {
    'gateway/src/one.ts': "import './app.ts';",
    'subgraphs/usage/src/domain/quantities.ts': 'export const quantities = 1;',
    'subgraphs/usage/src/service/report.ts': 'export const report = 1;',
    'subgraphs/usage/src/graphql/resolvers.ts': 'export const resolvers = 1;',
    'packages/testkit/src/clock.ts': 'export const clock = 1;',
  };

  it('sees each planted violation', async () => {
    for (const [path, text] of [...PLANTED.map(([, from, importing]) => [from, `${importing}\nexport const planted = 1;`] as const), ...Object.entries(SUPPORT)]) {
      mkdirSync(dirname(join(planted, path)), { recursive: true });
      writeFileSync(join(planted, path), text);
    }
    const found = await violations(['gateway', 'subgraphs', 'packages', 'instance-agent', 'cli'], planted);
    for (const [rule, from] of PLANTED) expect(found.some((violation) => violation.startsWith(`${rule}: `) && violation.includes(from)), `${rule} in ${from}`).toBe(true);
  }, 60_000);

  it('oxlint sees a planted violation of each rule that we count on', () => {
    const file = join(planted, 'BadName.ts');
    writeFileSync(join(planted, 'one.ts'), "import { two } from './two.ts';\nexport const one = two;\n");
    writeFileSync(join(planted, 'two.ts'), "import { one } from './one.ts';\nexport const two = one;\n");
    writeFileSync(file, ['export default function f() {', ...Array.from({ length: 320 }, () => '  void Promise.resolve(1 as any);'), '  Promise.resolve(1);', '  console.log(1);', '}'].join('\n'));
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['-c', join(root, '.oxlintrc.json'), '--format', 'json', planted], { encoding: 'utf8', cwd: root });
    for (const rule of ['max-lines', 'max-lines-per-function', 'filename-case', 'no-default-export', 'no-explicit-any', 'no-console', 'no-cycle', 'no-floating-promises']) expect(stdout, rule).toContain(rule);
  });
});

describe('events and errors', () => {
  it('each event is published by its one publisher and heard by someone', () => {
    const published = new Map<string, Set<string>>();
    for (const { path, text } of product.filter((file) => file.path.startsWith('subgraphs/'))) {
      for (const [, subgraph = '', name = ''] of text.matchAll(/publish(?:All)?\(\s*\w+,\s*'(\w+)',\s*'([\w.]+)'/g)) {
        expect(path).toContain(`subgraphs/${subgraph}/`);
        published.set(name, (published.get(name) ?? new Set()).add(subgraph));
      }
    }
    for (const [name, { publisher, readers }] of Object.entries(EVENTS)) {
      expect([...(published.get(name) ?? [])], name).toEqual([publisher]);
      expect(readers.length, name).toBeGreaterThan(0);
    }
  });

  it('docs/errors.md explains every reason under its code, and no other', () => {
    const documented = new Map<string, string[]>();
    let code = '';
    for (const line of readFileSync(join(root, 'docs/errors.md'), 'utf8').split('\n')) {
      code = /^## ([A-Z_]+)/.exec(line)?.[1] ?? code;
      const reason = /^\| `([A-Z_]+)` \|/.exec(line)?.[1];
      if (reason !== undefined && code !== '') documented.set(code, [...(documented.get(code) ?? []), reason]);
    }
    for (const [name, reasons] of Object.entries(REASONS)) expect(documented.get(name)?.toSorted(), name).toEqual(Object.keys(reasons).toSorted());
    expect([...documented.keys()].toSorted()).toEqual(Object.keys(REASONS).toSorted());
  });

  it('every reason is given by some code', () => {
    const text = product.filter(({ path }) => !path.endsWith('contracts/src/errors.ts')).map((file) => file.text).join('\n');
    const unused = Object.values(REASONS).flatMap((reasons) => Object.keys(reasons)).filter((reason) => !text.includes(`'${reason}'`));
    expect(unused).toEqual([]);
  });
});

describe('the papers of the house', () => {
  it.each(SUBGRAPH_NAMES)('the README of %s says what it owns in 30 lines', (name) => {
    const lines = readFileSync(join(root, `subgraphs/${name}/README.md`), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(30);
    expect(lines.filter((line) => line.startsWith('## ')).map((line) => line.slice(3))).toEqual(['Owns', 'Does not own', 'Tables', 'Says', 'Hears', 'Env']);
  });

  it('the lock file serves every platform', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }> };
    const missing = Object.entries(packages).flatMap(([path, entry]) => Object.keys(entry.optionalDependencies ?? {}).filter((name) => !(`${path}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages)).map((name) => `${path}: ${name}`));
    expect(missing).toEqual([]);
  });

  it('no machine and no registry is named', () => {
    const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter((path) => path !== '' && path !== 'house.test.ts');
    const forbidden = /\/(home|Users)\/\w+\/|registry\.npmjs\.org/;
    expect(tracked.filter((path) => path !== 'package-lock.json' && forbidden.test(readFileSync(join(root, path), 'utf8')))).toEqual([]);
  });
});
