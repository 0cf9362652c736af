import { readGoFloat } from './exposition-number.ts';

/** One line of samples. */
export interface SampleLine {
  name: string;
  /** As they stand there, without those that are empty: to Prometheus that is the same as none. */
  labels: [string, string][];
  /** May be NaN or infinite. */
  value: number;
}

/** A line that does not read. `problem` repeats nothing of it. */
export interface LineFault {
  /** What it begins with, if that has the form of a metric's name. */
  name: string | null;
  /** A first word that nothing follows may be anything, a secret too: it is not to be shown. */
  isNameAlone?: boolean;
  problem: string;
}

/** More labels than any exporter gives a series. */
const MAX_LABELS = 128;
const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const TEXT_VALUE = /[^{ \t]+/y;
const WORD = /[^ \t]+/y;
const BLANKS = /[ \t]*/y;
const ESCAPE = /\\(["\\n])/g;
/** The largest time that a signed number of 64 bits holds. */
const MAX_TIMESTAMP = 9_223_372_036_854_775_807n;

/**
 * Reads a line as Prometheus does, blanks in all places where it allows them.
 * @param isOpenMetrics times are seconds with a fraction then, and an exemplar may follow
 */
export function readSampleLine(text: string, isOpenMetrics: boolean): SampleLine | LineFault {
  return new LineReader(text, isOpenMetrics).read();
}

/** The name that a metadata line begins with, in quotes where it is not an ordinary one, and what follows it; null without a name. */
export function readLeadingName(text: string): { name: string; rest: string } | null {
  const reader = new LineReader(text, false);
  const name = reader.readName();
  return name === null ? null : { name, rest: text.slice(reader.at) };
}

/** Each step moves on or fails: no character is looked at twice but by the step that takes it. */
class LineReader {
  at = 0;
  private name: string | null = null;
  private problem = 'is no sample';

  constructor(private readonly text: string, private readonly isOpenMetrics: boolean) {}

  read(): SampleLine | LineFault {
    this.take(BLANKS);
    this.name = this.take(METRIC_NAME);
    const nameEnd = this.at;
    this.take(BLANKS);
    const labels = this.text[this.at] === '{' ? this.readBraces(true) : [];
    if (labels === null) return this.fault(nameEnd);
    if (this.name === null) return { name: null, problem: 'has no metric name' };
    const value = this.readValue();
    if (value === null || !this.readTail()) return this.fault(nameEnd);
    return { name: this.name, labels: labels.filter(([, text]) => text !== ''), value };
  }

  /** A name at the very beginning. */
  readName(): string | null {
    return this.text[0] === '"' ? this.readQuoted() : this.take(METRIC_NAME);
  }

  private fault(nameEnd: number): LineFault {
    return { name: this.name, isNameAlone: nameEnd >= this.text.length, problem: `${this.problem} (column ${this.at + 1})` };
  }

  private fail(problem: string): null {
    this.problem = problem;
    return null;
  }

  /** Labels, and the metric's name in quotes where none stood before the brace; the comma after the last is free. */
  private readBraces(mayName: boolean): [string, string][] | null {
    this.at += 1;
    const labels = new Map<string, string>();
    for (;;) {
      this.take(BLANKS);
      if (this.takeCharacter('}')) return [...labels];
      const isQuoted = this.text[this.at] === '"';
      const key = isQuoted ? this.readQuoted() : this.take(LABEL_NAME);
      if (key === null) return isQuoted ? null : this.fail('has something in braces that is no label');
      this.take(BLANKS);
      if (this.takeCharacter('=')) {
        this.take(BLANKS);
        const value = this.readQuoted();
        if (value === null) return null;
        if (labels.has(key)) return this.fail('has a label twice');
        if (labels.size >= MAX_LABELS) return this.fail(`has more than ${MAX_LABELS} labels`);
        labels.set(key, value);
      } else if (!isQuoted || !mayName || this.name !== null) {
        return this.fail('has a label without a value');
      } else {
        this.name = key;
        if (this.text[this.at] !== '}' && this.text[this.at] !== ',') return this.fail('has no comma after its name');
      }
      this.take(BLANKS);
      this.takeCharacter(',');
    }
  }

  /** Text in quotes; a line feed within is written as an escape. */
  private readQuoted(): string | null {
    if (this.text[this.at] !== '"') return this.fail('has a label value without quotes');
    let end = this.at + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    if (end >= this.text.length) return this.fail('has a quote that is not closed');
    const inner = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    return inner.includes('\\') ? inner.replaceAll(ESCAPE, (_all, escaped: string) => (escaped === 'n' ? '\n' : escaped)) : inner;
  }

  private readValue(): number | null {
    this.take(BLANKS);
    const text = this.take(this.isOpenMetrics ? WORD : TEXT_VALUE);
    if (text === null) return this.fail('has no value');
    return readGoFloat(text) ?? this.fail(text.endsWith('\r') ? 'ends in a carriage return' : 'has a value that is no number');
  }

  /** What may follow a value: a time, and in OpenMetrics an exemplar. */
  private readTail(): boolean {
    this.take(BLANKS);
    if (this.at < this.text.length && this.text[this.at] !== '#' && !this.readTime()) return false;
    if (this.isOpenMetrics && this.takeCharacter('#') && !this.readExemplar()) return false;
    if (this.at < this.text.length) this.fail('goes on after its end');
    return this.at >= this.text.length;
  }

  private readTime(): boolean {
    const text = this.take(WORD) ?? '';
    this.take(BLANKS);
    if (this.isOpenMetrics ? Number.isFinite(readGoFloat(text)) : /^\d{1,19}$/.test(text.replace(/^0+(?=\d)/, '')) && BigInt(text) <= MAX_TIMESTAMP) return true;
    this.fail('has a time that is none');
    return false;
  }

  private readExemplar(): boolean {
    this.take(BLANKS);
    if (this.text[this.at] !== '{') {
      this.fail('has an exemplar without labels');
      return false;
    }
    if (this.readBraces(false) === null || this.readValue() === null) return false;
    this.take(BLANKS);
    return this.at >= this.text.length || this.readTime();
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    if (found !== null) this.at += found.length;
    return found;
  }

  private takeCharacter(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }
}
