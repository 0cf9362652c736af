/** One sample as a reader is to find it: labels that are empty left out, in the order of their names. */
export interface ExpectedSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface CorpusPage {
  seed: number;
  isOpenMetrics: boolean;
  text: string;
  samples: ExpectedSample[];
}

/** The same page with one line that no parser reads in the place of a sample's. */
export interface BrokenPage extends CorpusPage {
  /** Counted from 1. */
  line: number;
  metric: string;
}

type Random = () => number;

/** Deterministic: the same seed is the same page. Marsaglia's xorshift with 32 bits. */
function createRandom(seed: number): Random {
  let state = (Math.imul(seed + 1, 2_654_435_761) >>> 0) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4_294_967_296;
  };
}

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const many = <T>(random: Random, most: number, make: (index: number) => T): T[] => Array.from({ length: Math.floor(random() * (most + 1)) }, (_each, index) => make(index));

const NUMBERS: readonly [string, number][] = [
  ['0', 0], ['1', 1], ['+1', 1], ['-1', -1], ['-0', -0], ['007', 7], ['1.', 1], ['.5', 0.5], ['-.5', -0.5], ['1e3', 1000], ['1E+3', 1000], ['1.5e-3', 0.0015], ['1.7976931348623157e308', Number.MAX_VALUE],
  ['5e-324', Number.MIN_VALUE], ['1e-400', 0], ['NaN', NaN], ['nan', NaN], ['+Inf', Infinity], ['Inf', Infinity], ['-Inf', -Infinity], ['infinity', Infinity], ['+INFINITY', Infinity], ['9007199254740993', 9_007_199_254_740_992], ['0.1', 0.1], ['123456789.125', 123_456_789.125],
];
/** What stands in quotes, and what it means. */
const VALUES: readonly [string, string][] = [
  ['', ''], ['plain', 'plain'], ['a b', 'a b'], [String.raw`a\"b`, 'a"b'], [String.raw`a\\b`, 'a\\b'], [String.raw`a\nb`, 'a\nb'], [String.raw`\\n`, '\\n'], [String.raw`\x`, String.raw`\x`], ['}', '}'], ['{,=', '{,='], ['# EOF', '# EOF'], ['größe 温度 🌡', 'größe 温度 🌡'], ['C:\\\\dir\\\\', 'C:\\dir\\'], ["it's", "it's"],
];
const METRIC_CHARACTERS = 'abcXYZ_:09';
const LABEL_CHARACTERS = 'abcXYZ_09';

/** The layout of one format: where Prometheus' text format allows blanks, OpenMetrics has exactly one or none. */
interface Layout {
  random: Random;
  isOpenMetrics: boolean;
}

function blanks({ random, isOpenMetrics }: Layout): string {
  return isOpenMetrics ? '' : pick(random, ['', '', '', ' ', '\t', '  ', ' \t ']);
}

function gap(layout: Layout): string {
  return layout.isOpenMetrics ? ' ' : ` ${blanks(layout)}`;
}

function word(random: Random, characters: string): string {
  return Array.from({ length: Math.floor(random() * 8) }, () => characters.charAt(Math.floor(random() * characters.length))).join('');
}

function labelsOf(layout: Layout, series: number): { text: string; labels: Record<string, string> } {
  const { random } = layout;
  // What tells the series of a metric apart; then any.
  const pairs: [string, string, string][] = [['s', String(series), String(series)], ...many(random, 4, (index): [string, string, string] => [`l${index}${word(random, LABEL_CHARACTERS)}`, ...pick(random, VALUES)])];
  const text = pairs.map(([name, written]) => `${blanks(layout)}${name}${blanks(layout)}=${blanks(layout)}"${written}"${blanks(layout)}`).join(',');
  return { text: `{${text}${layout.isOpenMetrics ? '' : pick(random, ['', ','])}${blanks(layout)}}`, labels: Object.fromEntries(pairs.filter(([, , value]) => value !== '').map(([name, , value]) => [name, value])) };
}

/** @param mayHaveExemplar a counter may, says Prometheus, and a gauge may not */
function tailOf(layout: Layout, mayHaveExemplar: boolean): string {
  const { random, isOpenMetrics } = layout;
  const exemplar = mayHaveExemplar ? pick(random, ['', ' # {trace_id="a\\"b"} 0.5', ' # {a="b",trace_id="c"} 1 1520879607.7', ' # {} 1']) : '';
  if (isOpenMetrics) return `${pick(random, ['', ' 1520879607.789', ' 1520879607'])}${exemplar}`;
  return pick(random, ['', `${gap(layout)}1520879607789`, blanks(layout)]);
}

function familyLines(layout: Layout, family: number): { lines: { text: string; sample: ExpectedSample | null }[] } {
  const { random, isOpenMetrics } = layout;
  const base = `${pick(random, ['m', '_m', ':m', 'M'])}${family}${word(random, METRIC_CHARACTERS)}`;
  const isCounter = random() < 0.5;
  const name = isOpenMetrics && isCounter ? `${base}_total` : base;
  const lines: { text: string; sample: ExpectedSample | null }[] = [];
  const comment = (text: string): void => void lines.push({ text, sample: null });
  const isTyped = random() < 0.6;
  if (isTyped) comment(`# TYPE ${base} ${isCounter ? 'counter' : 'gauge'}`);
  if (random() < 0.6) comment(`# HELP ${base} ${pick(random, ['Text.', 'With \\\\ and \\n and "quotes"', 'größe', ' two blanks', '{}'])}`);
  if (!isOpenMetrics && random() < 0.4) comment(pick(random, ['#', '# ', '#!', '# a comment', '#HELP', '# HELP', '', '  ', '# EOF', '\t# indented', `# UNIT ${base} nonsense`, `# HELP ${base}`]));
  const count = 1 + Math.floor(random() * 4);
  for (let series = 0; series < count; series += 1) {
    const [written, value] = pick(random, NUMBERS);
    const bare = count === 1 && random() < 0.4;
    const { text, labels } = bare ? { text: pick(random, isOpenMetrics ? ['', '{}'] : ['', '{}', ' {}', '{ }']), labels: {} } : labelsOf(layout, series);
    lines.push({ text: `${name}${text === '' ? '' : blanks(layout)}${text}${gap(layout)}${written}${tailOf(layout, isTyped && isCounter)}`, sample: { name, labels, value } });
  }
  return { lines };
}

function render(seed: number, isOpenMetrics: boolean): { page: CorpusPage; lines: { text: string; sample: ExpectedSample | null }[] } {
  const layout: Layout = { random: createRandom(seed), isOpenMetrics };
  const lines = Array.from({ length: 1 + Math.floor(layout.random() * 8) }, (_each, family) => familyLines(layout, family).lines).flat();
  return { page: pageOf(seed, isOpenMetrics, lines), lines };
}

function pageOf(seed: number, isOpenMetrics: boolean, lines: readonly { text: string; sample: ExpectedSample | null }[]): CorpusPage {
  const text = lines.map((line) => `${line.text}\n`).join('') + (isOpenMetrics ? '# EOF\n' : '');
  return { seed, isOpenMetrics, text, samples: lines.flatMap(({ sample }) => sample ?? []) };
}

/** A page that is valid by the grammar of its format. Every second one is OpenMetrics. */
export function validPage(seed: number): CorpusPage {
  return render(seed, seed % 2 === 1).page;
}

/** Lines that neither format has, each of that metric. */
const BROKEN: readonly ((name: string) => string)[] = [
  (name) => `${name} `, (name) => `${name} seven`, (name) => `${name} 1 2 3`, (name) => `${name} 0x10`, (name) => `${name} 1_000`, (name) => `${name} 1e400`, (name) => `${name} --1`, (name) => `${name} 1,5`, (name) => `${name} 1\r`,
  (name) => `${name}{a="1" 1`, (name) => `${name}{a="1} 1`, (name) => `${name}{a=1} 1`, (name) => `${name}{a} 1`, (name) => `${name}{="1"} 1`, (name) => `${name}{a="1",,b="2"} 1`, (name) => `${name}{,} 1`, (name) => `${name}{1a="1"} 1`, (name) => `${name}{a='1'} 1`,
  (name) => `${name}{a="1"}}  1`, (name) => `${name}{a="1",a="2"} 1`, (name) => `${name}{a="1"}`, (name) => `${name} 1 2e`, (name) => `${name} NaNs`, (name) => `${name} +nan`, (name) => `${name}{a="1"} {b="2"} 1`, (name) => `${name} 1 # no exemplar`,
];

/** One of the page's samples no longer reads; the others stay as they are. */
export function brokenPage(seed: number): BrokenPage {
  const { page, lines } = render(seed, seed % 2 === 1);
  const random = createRandom(seed + 1_000_003);
  const at = pick(random, lines.flatMap(({ sample }, index) => (sample === null ? [] : [index])));
  const metric = lines[at]?.sample?.name ?? '';
  const broken = lines.map((line, index) => (index === at ? { text: (BROKEN[seed % BROKEN.length] as (name: string) => string)(metric), sample: null } : line));
  return { ...pageOf(seed, page.isOpenMetrics, broken), line: at + 1, metric };
}
