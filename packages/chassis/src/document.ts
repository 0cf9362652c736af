import { AppError } from '@iotistic/contracts/errors';
import { type DocumentNode, GraphQLError, parse } from 'graphql';

/** How much of a document is read at all. */
export interface DocumentLimits {
  characters: number;
  tokens: number;
  /** Brackets of any kind that stand open at once. */
  nesting: number;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const HASH = 35;
const BACKSLASH = 92;

/**
 * Parses a document within its limits. The parser, the validator and the printer call themselves once for each level,
 * so that levels are counted before: a document that nests too deep is the client's mistake.
 * @throws AppError QUERY_TOO_LONG or QUERY_TOO_DEEP. GraphQLError for what does not parse: it repeats no text of the
 * document.
 */
export function parseDocument(
  text: string,
  limits: DocumentLimits,
  options: { noLocation?: boolean } = {},
): DocumentNode {
  if (text.length > limits.characters)
    throw new AppError('INVALID_INPUT', 'QUERY_TOO_LONG', undefined, {
      details: { maximumCharacters: limits.characters },
    });
  if (nestsDeeper(text, limits.nesting)) throw tooDeep(limits.nesting);
  try {
    return parse(text, { ...options, maxTokens: limits.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message.includes(`${limits.tokens} tokens`))
      throw new AppError('INVALID_INPUT', 'QUERY_TOO_LONG', undefined, { details: { maximum: limits.tokens } });
    const { source, positions } = error;
    throw new GraphQLError(withoutText(error.message), {
      ...(source === undefined ? {} : { source }),
      ...(positions === undefined ? {} : { positions }),
    });
  }
}

export function tooDeep(maximum: number): AppError {
  return new AppError('INVALID_INPUT', 'QUERY_TOO_DEEP', undefined, { details: { maximum } });
}

/** A mistake in a document may stand within a secret: where it is says enough. */
function withoutText(message: string): string {
  return message
    .replace(/(found|Unexpected|Invalid) (Name|Int|Float|String|BlockString) ".*"/s, '$1 $2')
    .replace(/(Invalid (?:Unicode escape sequence|character escape sequence|number[^:]*)): .*/s, '$1.');
}

/** Whether more than so many brackets are open at once, outside texts and comments. */
export function nestsDeeper(text: string, maximum: number): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === QUOTE) index = endOfText(text, index);
    else if (character === HASH) index = endOfLine(text, index);
    else if (isOpening(character)) {
      depth += 1;
      if (depth > maximum) return true;
    } else if (isClosing(character)) depth -= 1;
  }
  return false;
}

/** ( [ { */
function isOpening(character: number): boolean {
  return character === 40 || character === 91 || character === 123;
}

/** ) ] } */
function isClosing(character: number): boolean {
  return character === 41 || character === 93 || character === 125;
}

/** Of the closing quotation mark of the text that begins here. */
function endOfText(text: string, start: number): number {
  if (text.startsWith('"""', start)) {
    let end = text.indexOf('"""', start + 3);
    while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH) end = text.indexOf('"""', end + 3);
    return end < 0 ? text.length : end + 2;
  }
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === BACKSLASH) index += 1;
    // A text that its line does not end is the parser's to refuse.
    else if (character === QUOTE || character === LINE_FEED) return index;
  }
  return text.length;
}

function endOfLine(text: string, start: number): number {
  for (let index = start; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === LINE_FEED || character === CARRIAGE_RETURN) return index;
  }
  return text.length;
}
