import { isUtf8 } from 'node:buffer';
import { readLeadingName, readSampleLine, type LineFault } from './exposition-line.ts';

export interface Sample {
  /** The labels, in one order: names the series within its metric. */
  series: string;
  /** May be NaN, infinite or negative. */
  value: number;
}

/** A line that was passed over, without a word of what stands in it but the metric's name. */
export interface LineProblem {
  line: number;
  metric: string | null;
  problem: string;
}

/** What a page says of the metrics that were asked for. */
export interface ExpositionPage {
  /** By metric; of a series that is named twice the first counts. */
  samples: Map<string, Sample[]>;
  /** Those that a HELP or TYPE line names, though they may have no sample. */
  declared: Set<string>;
  /** Those of which a line does not read, or whose unit is another than their name says; and why. */
  damaged: Map<string, string>;
  /** The first of all lines that do not read, of whatever metric. */
  problems: LineProblem[];
  problemCount: number;
}

export interface PageForm {
  /** OpenMetrics 1.0; else Prometheus' text format 0.0.4. */
  isOpenMetrics: boolean;
  /** The transfer says by itself where it ends: a last line without a line feed was not cut off. */
  isWhole: boolean;
}

/** The page is in neither format, or was cut off. */
export class NotPrometheusError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotPrometheusError';
  }
}

const KEPT_PROBLEMS = 20;
const MAX_NAME_CHARACTERS = 200;
/** Prometheus has no limit; no exporter comes near this one. */
const MAX_LINE_BYTES = 1024 * 1024;
/** No page of 16 MiB that says something has as many, and this many are read in a moment: the product may share the process. */
const MAX_LINES = 500_000;
const TOO_LONG = `is longer than ${MAX_LINE_BYTES} bytes`;
const LINE_FEED = 0x0a;
const HASH = 0x23;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const METADATA = /^[ \t]*#[ \t]+(HELP|TYPE|UNIT)[ \t]+/;
const TEXT_TYPES = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);
const OPEN_METRICS_TYPES = new Set(['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset', 'unknown']);
/** They have no value of their own: they say how, not how much. */
const DISTRIBUTIONS = new Set(['histogram', 'gaugehistogram', 'summary']);

/**
 * Reads a page line by line, as Prometheus does, but a line that does not read costs that line only. It takes as long as the
 * page is; how long that may be is the caller's to say.
 * Formats: prometheus.io/docs/instrumenting/exposition_formats, and OpenMetrics 1.0.
 * @throws NotPrometheusError when no line reads, or the page was cut off.
 */
export function readExpositionPage(bytes: Uint8Array, wanted: ReadonlySet<string>, form: PageForm): ExpositionPage {
  return new PageReader(wanted, form.isOpenMetrics).read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), form.isWhole);
}

class PageReader {
  private readonly page: ExpositionPage = { samples: new Map(), declared: new Set(), damaged: new Map(), problems: [], problemCount: 0 };
  private readonly series = new Map<string, Set<string>>();
  private readonly distributions = new Set<string>();
  private line = 0;
  private good = 0;
  private hasEnded = false;

  constructor(private readonly wanted: ReadonlySet<string>, private readonly isOpenMetrics: boolean) {}

  read(bytes: Buffer, isWhole: boolean): ExpositionPage {
    if (!isWhole && bytes.length > 0 && bytes.at(-1) !== LINE_FEED) throw new NotPrometheusError('the page does not end in a line feed: it was cut off');
    const start = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
    const page = bytes.subarray(start);
    if (isUtf8(page)) this.readLines(page.toString('utf8'));
    else this.readBytes(page);
    if (this.good === 0 && this.page.problemCount > 0) throw new NotPrometheusError('the page is not in the Prometheus text format: none of its lines is');
    if (this.isOpenMetrics && !this.hasEnded) throw new NotPrometheusError('the page does not end with # EOF, as OpenMetrics does: it was cut off');
    for (const name of this.distributions) this.page.samples.delete(name);
    return this.page;
  }

  private readLines(text: string): void {
    for (let at = 0; at < text.length; ) {
      const found = text.indexOf('\n', at);
      const end = found < 0 ? text.length : found;
      this.countLine();
      if (end - at > MAX_LINE_BYTES) this.noteUnread(text.slice(at, at + MAX_NAME_CHARACTERS), TOO_LONG);
      else if (end > at) this.readText(text.slice(at, end));
      at = end + 1;
    }
  }

  /** Line by line, for somewhere in it is a byte that is no text: it costs its line only. */
  private readBytes(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const found = bytes.indexOf(LINE_FEED, at);
      const line = bytes.subarray(at, found < 0 ? bytes.length : found);
      this.countLine();
      if (line.length <= MAX_LINE_BYTES && isUtf8(line)) this.readText(line.toString('utf8'));
      else this.noteUnread(line.toString('latin1', 0, MAX_NAME_CHARACTERS), line.length > MAX_LINE_BYTES ? TOO_LONG : 'is not in UTF-8');
      at += line.length + 1;
    }
  }

  private countLine(): void {
    this.line += 1;
    if (this.line > MAX_LINES) throw new NotPrometheusError(`the page has more than ${MAX_LINES} lines`);
  }

  private readText(text: string): void {
    const first = firstVisible(text);
    if (first < 0) return;
    if (this.hasEnded) return this.note({ name: null, problem: 'stands behind # EOF' });
    if (text.charCodeAt(first) === HASH) this.readComment(text);
    else this.readSample(text);
  }

  private readSample(text: string): void {
    const read = readSampleLine(text, this.isOpenMetrics);
    if ('problem' in read) return this.note(read);
    this.good += 1;
    const { name, labels, value } = read;
    if (!this.wanted.has(name)) return;
    const series = JSON.stringify(labels.sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = this.series.get(name) ?? new Set();
    this.series.set(name, known);
    if (known.has(series)) return;
    known.add(series);
    const samples = this.page.samples.get(name) ?? [];
    this.page.samples.set(name, samples);
    samples.push({ series, value });
  }

  /** A comment is anything behind a hash, but for three kinds that say something of a metric, and the end of OpenMetrics. */
  private readComment(text: string): void {
    const [prefix, kind] = METADATA.exec(text) ?? [];
    if (this.isOpenMetrics && text === '# EOF') this.hasEnded = true;
    if (prefix === undefined || (kind === 'UNIT' && !this.isOpenMetrics)) {
      if (text.startsWith('# EOF')) this.good += 1;
      return;
    }
    const named = readLeadingName(text.slice(prefix.length));
    if (named === null) return this.note({ name: null, problem: `is a ${String(kind)} line without a metric name` });
    const { name, rest } = named;
    const value = rest.slice(1);
    if (kind === 'TYPE' && !(this.isOpenMetrics ? OPEN_METRICS_TYPES : TEXT_TYPES).has(value)) return this.note({ name, problem: 'has a type that is none' }, false);
    if (kind === 'UNIT' && value !== '' && !name.endsWith(`_${value}`)) return this.note({ name, problem: 'has another unit than its name says' });
    this.good += 1;
    for (const metric of this.metricsOf(name)) this.page.declared.add(metric);
    if (kind === 'TYPE' && DISTRIBUTIONS.has(value) && this.wanted.has(name)) this.distributions.add(name);
  }

  /** OpenMetrics names a counter without the ending that its samples have. */
  private metricsOf(family: string): string[] {
    return [family, `${family}_total`].filter((name) => this.wanted.has(name));
  }

  /** @param isDamage false where the samples read all the same */
  private note({ name, isNameAlone = false, problem }: LineFault, isDamage = true): void {
    const metrics = name === null ? [] : this.metricsOf(name);
    const shown = isNameAlone && metrics.length === 0 ? null : (name?.slice(0, MAX_NAME_CHARACTERS) ?? null);
    this.page.problemCount += 1;
    if (this.page.problems.length < KEPT_PROBLEMS) this.page.problems.push({ line: this.line, metric: shown, problem });
    if (!isDamage) return;
    for (const metric of metrics) if (!this.page.damaged.has(metric)) this.page.damaged.set(metric, `${problem} (line ${this.line})`);
  }

  /** Of a line that is not looked at: named if it begins with a metric that is read. */
  private noteUnread(begin: string, problem: string): void {
    const [, name = ''] = /^[ \t]*([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t{]/.exec(begin) ?? [];
    this.note({ name: this.wanted.has(name) ? name : null, problem });
  }
}

function firstVisible(text: string): number {
  for (let at = 0; at < text.length; at += 1) if (text[at] !== ' ' && text[at] !== '\t') return at;
  return -1;
}
