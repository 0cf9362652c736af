import parsePrometheusTextFormat from 'parse-prometheus-text-format';

export interface Sample {
  /** The labels, in one order: names the series within its metric. */
  series: string;
  value: number;
}

/** The page is not in Prometheus' text format. */
export class NotPrometheusError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotPrometheusError';
  }
}

const DISTRIBUTIONS = new Set(['HISTOGRAM', 'SUMMARY']);
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const NOT_FINITE = /^([+-]?Inf|NaN)$/i;

/**
 * The samples of the metrics that are asked for. The library reads escapes, label sets and types; what it lets through is
 * refused here: a page that is not metrics at all (an error page), and one that was cut off, whose last line it would drop.
 * Values that are no finite number (NaN, +Inf) or are negative say nothing and are left out.
 * @throws NotPrometheusError
 */
export function readPrometheusPage(text: string, wanted: ReadonlySet<string>): Map<string, Sample[]> {
  if (text !== '' && !text.endsWith('\n')) throw new NotPrometheusError('the page does not end in a line feed: it was cut off, or is not in the text format');
  const samples = new Map<string, Sample[]>();
  for (const family of parsePage(text)) {
    if (!METRIC_NAME.test(family.name)) throw new NotPrometheusError('the page is not in the Prometheus text format');
    // Distributions have no value of their own: they say how, not how much.
    if (!wanted.has(family.name) || DISTRIBUTIONS.has(family.type)) continue;
    const list = samples.get(family.name) ?? [];
    samples.set(family.name, list);
    for (const metric of family.metrics) {
      const value = readValue(metric.value ?? '');
      if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) list.push({ series: seriesOf(metric.labels ?? {}), value: Math.floor(value) });
    }
  }
  return samples;
}

function readValue(text: string): number {
  if (NUMBER.test(text)) return Number(text);
  if (NOT_FINITE.test(text)) return NaN;
  throw new NotPrometheusError('the page has a sample without a value');
}

function parsePage(text: string): ReturnType<typeof parsePrometheusTextFormat> {
  try {
    return parsePrometheusTextFormat(text);
  } catch {
    throw new NotPrometheusError('the page has a line that is not in the Prometheus text format');
  }
}

function seriesOf(labels: Record<string, string>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
