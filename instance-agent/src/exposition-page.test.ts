import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenPage, type CorpusPage, type ExpectedSample, validPage } from './exposition-corpus.testkit.ts';
import { readGoFloat } from './exposition-number.ts';
import { type ExpositionPage, NotPrometheusError, type PageForm, readExpositionPage } from './exposition-page.ts';

const TEXT: PageForm = { isOpenMetrics: false, isWhole: true };
const OPEN_METRICS: PageForm = { isOpenMetrics: true, isWhole: true };
const X = 'iotistic_active_devices';

function read(text: string | Buffer, form: PageForm = TEXT, wanted = ['x', X, 'x_total']): ExpositionPage {
  return readExpositionPage(Buffer.from(text), new Set(wanted), form);
}

const seven = (line: string, form: PageForm = TEXT): ExpositionPage => read(`${line}\n${X} 7\n${form.isOpenMetrics ? '# EOF\n' : ''}`, form);
const valuesOf = (page: ExpositionPage, name = X): number[] => (page.samples.get(name) ?? []).map(({ value }) => value);

/** In one order and one form, -0 and NaN included. */
function listed(samples: readonly ExpectedSample[]): string[] {
  return samples.map(({ name, labels, value }) => `${name} ${JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))} ${Object.is(value, -0) ? '-0' : value}`).toSorted();
}

function readCorpus({ text, samples, isOpenMetrics }: CorpusPage, more: string[] = []): { found: string[]; page: ExpositionPage } {
  const page = readExpositionPage(Buffer.from(text), new Set([...samples.map(({ name }) => name), ...more]), { isOpenMetrics, isWhole: true });
  const found = [...page.samples].flatMap(([name, list]) => list.map(({ series, value }): ExpectedSample => ({ name, labels: Object.fromEntries(JSON.parse(series) as [string, string][]), value })));
  return { found: listed(found), page };
}

describe('a metrics page is read as Prometheus reads it', () => {
  it.each([
    ['blanks between labels', 'x{a="1", b="2"} 3'], ['blanks everywhere', '\tx { a = "1" , b\t=\t"2" , } \t1 '], ['HELP without a text', '# HELP x'], ['a lone hash', '#'], ['a hash and blanks', '  # \t'], ['an empty line', ''], ['a comment', '# hello'], ['HELP without a name', '# HELP'],
    ['no comma between labels', 'x{a="1" b="2"} 3'], ['a time', 'x 1 1395066363000'], ['no blank before the value', 'x{a="1"}3'], ['EOF as a comment', '# EOF'], ['a name in quotes', '{"my.metric",a="b"} 1'], ['a label name in quotes', 'x{"my.label"="b"} 1'], ['metadata of a name in quotes', '# TYPE "my.metric" gauge'], ['a long HELP', `# HELP x ${'long '.repeat(100_000)}`],
  ])('with %s', (_what, line) => {
    const page = seven(line);
    expect([valuesOf(page), page.problems]).toEqual([[7], []]);
  });

  it.each([
    ['an exemplar', 'x_total 1 # {trace_id="a"} 0.5'], ['a time and an exemplar with its own', 'x_total{a="b"} 1 1520879607.789 # {trace_id="a",} 0.5 1520879607.7'], ['a unit', '# UNIT x_seconds seconds'], ['a type of its own', '# TYPE x stateset'],
  ])('in OpenMetrics with %s', (_what, line) => {
    const page = seven(line, OPEN_METRICS);
    expect([valuesOf(page), page.problems]).toEqual([[7], []]);
  });

  it('with escapes, a name in quotes, and labels in any order as one series', () => {
    const page = read(`{"${X}",a="q\\"b\\\\n\\n\\x"} 1\n${X}{b="2",a="1"} 2\n${X}{a="1",b="2",c=""} 3\n`);
    expect(page.samples.get(X)).toEqual([{ series: JSON.stringify([['a', 'q"b\\n\n\\x']]), value: 1 }, { series: JSON.stringify([['a', '1'], ['b', '2']]), value: 2 }]);
  });

  it('with a byte order mark, and without a last line feed where the transfer is whole', () => {
    expect(valuesOf(read(`\ufeff${X} 7`))).toEqual([7]);
    expect(() => read(`${X} 7\nx 12`, { ...TEXT, isWhole: false })).toThrow('cut off');
  });

  it.each<[string, number | null]>([
    ['1', 1], ['+1', 1], ['-.5e-1', -0.05], ['1.', 1], ['.', null], ['', null], ['e1', null], ['1e', null], ['0x10', null], ['0x1p4', null], ['1_0', null], ['1e400', null], ['-1e400', null], ['1e-400', 0], ['inf', Infinity], ['-INFINITY', -Infinity], ['infinit', null], ['nan', NaN], ['+NaN', null], ['1\r', null], ['١', null],
  ])('the number %j as Go does', (text, value) => {
    expect(readGoFloat(text)).toBe(value);
  });
});

describe('a line that does not read costs that line only', () => {
  it.each([
    ['no value', 'x ', 'x', 'has no value (column 3)'], ['a value that is none', 'x{a="1"} seven', 'x', 'has a value that is no number (column 15)'], ['a quote that is open', 'x{a="1} 7', 'x', 'has a quote that is not closed (column 5)'], ['a carriage return', 'x 1\r', 'x', 'ends in a carriage return (column 5)'], ['a time that is none', 'x 1 -5', 'x', 'has a time that is none (column 7)'],
    ['an exemplar outside OpenMetrics', 'x 1 # {a="b"} 1', 'x', 'goes on after its end (column 5)'], ['a label twice', 'x{a="1",a="2"} 1', 'x', 'has a label twice (column 14)'], ['no name', '{a="1"} 1', null, 'has no metric name'], ['a type that is none', '# TYPE x number', 'x', 'has a type that is none'], ['rubbish', '<html>', null, 'has no metric name'],
  ])('%s', (_what, line, metric, problem) => {
    const page = seven(line);
    expect(valuesOf(page)).toEqual([7]);
    expect(page.problems).toEqual([{ line: 1, metric, problem }]);
  });

  it('and bytes that are no UTF-8 cost the line that they are in', () => {
    const page = read(Buffer.concat([Buffer.from(`x{a="`), Buffer.from([0xff]), Buffer.from(`"} 1\n${X} 7\n`)]));
    expect([valuesOf(page), page.problems]).toEqual([[7], [{ line: 1, metric: 'x', problem: 'is not in UTF-8' }]]);
  });

  it('and so do a line that is too long and one with too many labels', () => {
    const page = read(`x{a="${'x'.repeat(1024 * 1024)}"} 1\nx{${Array.from({ length: 200 }, (_each, index) => `l${index}="v"`).join(',')}} 1\n${X} 7\n`);
    expect([valuesOf(page), page.problems.map(({ problem }) => problem.replace(/ \(.*/, ''))]).toEqual([[7], ['is longer than 1048576 bytes', 'has more than 128 labels']]);
  });

  it('a bounded number of them is kept, and never what stands in them', () => {
    const page = read(`${'x{password="hunter2"} hunter2\n'.repeat(500)}iotk_secret\n${X} 7\n`);
    expect([page.problems.length, page.problemCount, page.damaged.get('x')]).toEqual([20, 501, 'has a value that is no number (column 30) (line 1)']);
    expect(JSON.stringify([...page.damaged, page.problems])).not.toMatch(/hunter2|password/);
    expect(read(`iotk_secret\n${X} 7\n`).problems).toEqual([{ line: 1, metric: null, problem: 'has no value (column 12)' }]);
  });

  it.each([['an error page', '<html>\n<body>hi</body>\n</html>\n', TEXT], ['JSON', '{"status":"ok"}\n', TEXT], ['OpenMetrics without its end', `${X} 7\n`, OPEN_METRICS]] as const)('but %s is no page', (_what, text, form) => {
    expect(() => read(text, form)).toThrow(NotPrometheusError);
  });

  it('what stands behind the end of OpenMetrics does not count', () => {
    expect(valuesOf(read(`${X} 7\n# EOF\nx 1\n`, OPEN_METRICS), 'x')).toEqual([]);
  });
});

describe('pages made by the grammar of both formats', () => {
  const seeds = Array.from({ length: 400 }, (_each, seed) => seed);

  it('are read to the last sample, 400 of them', () => {
    for (const seed of seeds) {
      const corpus = validPage(seed);
      const { found, page } = readCorpus(corpus);
      expect({ seed, found, problems: page.problems }).toEqual({ seed, found: listed(corpus.samples), problems: [] });
    }
  });

  it('lose one line and no more, each of 400 with exactly one that is broken', () => {
    for (const seed of seeds) {
      const corpus = brokenPage(seed);
      // A page of nothing else is no page.
      if (corpus.samples.length === 0) continue;
      const { found, page } = readCorpus(corpus, [corpus.metric]);
      expect({ seed, found, problems: page.problems.map(({ line, metric }) => ({ line, metric })), damaged: [...page.damaged.keys()] }).toEqual({ seed, found: listed(corpus.samples), problems: [{ line: corpus.line, metric: corpus.metric }], damaged: [corpus.metric] });
    }
  });
});

describe('whatever comes', () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom('x', '{', '}', '"', '\\', ',', '=', ' ', '\t', '\n', '\r', '#', '# EOF\n', '# TYPE ', '# HELP ', '# UNIT ', 'NaN', '1', '\0', '\ufeff', 'x{a="b"} 1\n'));
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.from(pieces.join(''))));

  it('the reader answers, or says that it is no page', () => {
    const holds = fc.property(bytes, fc.boolean(), fc.boolean(), (body, isOpenMetrics, isWhole) => {
      try {
        const page = readExpositionPage(body, new Set(['x']), { isOpenMetrics, isWhole });
        return page.problems.length <= 20 && [...page.samples.keys()].every((name) => name === 'x');
      } catch (error) {
        return error instanceof NotPrometheusError;
      }
    });
    expect(() => fc.assert(holds, { numRuns: 5_000 })).not.toThrow();
  });

  it('a good line keeps its value between any two others', () => {
    const line = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('').replaceAll('\n', ' ').replaceAll(X, ''));
    const holds = fc.property(line, line, (before, after) => valuesOf(read(`${before}\n${X} 7\n${after}\n`))[0] === 7);
    expect(() => fc.assert(holds, { numRuns: 5_000 })).not.toThrow();
  });

  it.each<[string, (size: number) => string]>([
    ['open braces', (size) => `x${'{'.repeat(size)}`], ['an open quote', (size) => `x{a="${'\\"'.repeat(size / 2)}`], ['blanks', (size) => `x${' '.repeat(size)}`], ['digits', (size) => `x ${'1'.repeat(size)}x`], ['hashes and blanks', (size) => `${' '.repeat(size / 2)}#${' '.repeat(size / 2)}`], ['zeros of a time', (size) => `x 1 ${'0'.repeat(size)}x`], ['commas', (size) => `x{a="1"${','.repeat(size)}`], ['line feeds', (size) => '\n'.repeat(size)], ['labels', (size) => `x{${'a="1",'.repeat(size / 6)}`], ['short bad lines', (size) => '{\n'.repeat(size / 2)],
  ])('a page of 16 MiB of %s is read in a moment, or refused', (_what, make) => {
    expect(valuesOf(read(`${make(400_000)}\n${X} 7\n`))).toEqual([7]);
    // A quadratic reader would be at it for hours, and the test would time out.
    const body = `${make(16 * 1024 * 1024)}\n${X} 7\n`;
    const outcome = (() => {
      try {
        return valuesOf(read(body));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(outcome).toEqual(body.split('\n', 500_010).length > 500_000 ? 'the page has more than 500000 lines' : [7]);
  });
});
