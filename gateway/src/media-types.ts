/** A media type as RFC 9110 writes it. */
export interface MediaType {
  /** In lower case; empty where the text has no such form. */
  type: string;
  /** By names in lower case; values as they came, without their quotes. */
  parameters: ReadonlyMap<string, string>;
}

/** What GraphQL is answered as. */
export type AnswerType = 'application/graphql-response+json' | 'application/json' | 'text/event-stream';

interface Range extends MediaType {
  quality: number;
}

/** The better first, where a client names both; one that says `*` may know nothing but plain JSON. */
const NAMED_ORDER: readonly AnswerType[] = ['application/graphql-response+json', 'application/json', 'text/event-stream'];
const ANY_ORDER: readonly AnswerType[] = ['application/json', 'application/graphql-response+json', 'text/event-stream'];
const TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/;
const QUALITY = /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/;
/** Clients send few, and always the same. */
const MAX_KNOWN = 200;

export function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = splitUnquoted(text, ';');
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    if (equals > 0) parameters.set(parameter.slice(0, equals).trim().toLowerCase(), unquoted(parameter.slice(equals + 1).trim()));
  }
  return { type: TYPE.test(type) ? type.toLowerCase() : '', parameters };
}

const known = new Map<string, { answer: AnswerType; takesEvents: boolean }>();

/**
 * What an Accept field asks for. The one with the highest q counts; of several, the one that is named exactly. Where nothing that
 * there is fits, the answer is plain JSON all the same: it says more than a 406.
 */
export function negotiate(accept: string | undefined): { answer: AnswerType; /** Whether an event stream is taken, by its name. */ takesEvents: boolean } {
  if (accept === undefined) return { answer: 'application/json', takesEvents: false };
  const found = known.get(accept);
  if (found !== undefined) return found;
  const ranges = splitUnquoted(accept, ',').map(rangeOf).filter(({ type }) => type !== '');
  const negotiated = { answer: bestOf(ranges), takesEvents: matchOf(ranges, 'text/event-stream').quality > 0 && ranges.some(({ type }) => type === 'text/event-stream' || type === 'text/*') };
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(accept, negotiated);
  return negotiated;
}

function bestOf(ranges: readonly Range[]): AnswerType {
  let best: AnswerType = 'application/json';
  let highest = { quality: 0, precision: 0 };
  for (const precision of [2, 1, 0]) {
    for (const type of precision === 2 ? NAMED_ORDER : ANY_ORDER) {
      const match = matchOf(ranges, type);
      if (match.precision !== precision || match.quality <= highest.quality) continue;
      best = type;
      highest = match;
    }
  }
  return best;
}

/** The most exact range that a type lies in. */
function matchOf(ranges: readonly Range[], type: AnswerType): { quality: number; precision: number } {
  const family = `${type.slice(0, type.indexOf('/'))}/*`;
  for (const [precision, wanted] of [[2, type], [1, family], [0, '*/*']] as const) {
    const fitting = ranges.filter((range) => range.type === wanted);
    if (fitting.length > 0) return { quality: Math.max(...fitting.map(({ quality }) => quality)), precision };
  }
  return { quality: 0, precision: 0 };
}

/** A weight that is none counts as none given. */
function rangeOf(text: string): Range {
  const { type, parameters } = parseMediaType(text);
  const quality = parameters.get('q');
  return { type, parameters, quality: quality !== undefined && QUALITY.test(quality) ? Number(quality) : 1 };
}

/** The parts between separators, but for those that stand within quotes. */
function splitUnquoted(text: string, separator: string): string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let from = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\\' && isQuoted) index += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      parts.push(text.slice(from, index).trim());
      from = index + 1;
    }
  }
  parts.push(text.slice(from).trim());
  return parts;
}

function unquoted(value: string): string {
  return value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value;
}
