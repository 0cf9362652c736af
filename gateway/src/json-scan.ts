/** A member of the object at the top of a JSON text: where its value begins and ends. */
export interface Member {
  start: number;
  end: number;
  /** Values within it, estimated from the marks between them. */
  values: number;
  /** Objects and lists that stand open at once within it. */
  depth: number;
}

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;

/**
 * Where the members of a JSON object are, found without making anything of them: of a large body that is refused nothing but that is
 * paid for. Null for what is no object, or not whole; what is wrong within a member its parser says.
 */
export function scanMembers(text: string): Map<string, Member> | null {
  const scan = new MemberScan(text);
  return scan.run() ? scan.members : null;
}

class MemberScan {
  readonly members = new Map<string, Member>();
  readonly #text: string;
  #depth = 0;
  #name: string | null = null;
  #lastText: [start: number, end: number] | null = null;
  #member: Member = { start: 0, end: 0, values: 0, depth: 0 };

  constructor(text: string) {
    this.#text = text;
  }

  run(): boolean {
    const text = this.#text;
    let index = /^[\t\n\r ]*/.exec(text)?.[0].length ?? 0;
    if (text[index] !== '{') return false;
    this.#depth = 1;
    for (index += 1; index < text.length; index += 1) {
      const character = text.charCodeAt(index);
      if (character === QUOTE) {
        const end = endOfText(text, index);
        if (this.#depth === 1) this.#lastText = [index, end + 1];
        index = end;
      } else if (character === 123 || character === 91) {
        this.#depth += 1;
        this.#member.values += 1;
        if (this.#depth - 1 > this.#member.depth) this.#member.depth = this.#depth - 1;
      } else if (character === COMMA) {
        if (this.#depth === 1) this.#close(index);
        else this.#member.values += 1;
      } else if (character === COLON) {
        if (this.#depth === 1) this.#open(index + 1);
      } else if (character === 125 || character === 93) {
        this.#depth -= 1;
        if (this.#depth === 0) {
          this.#close(index);
          return text.slice(index + 1).trim() === '';
        }
      }
    }
    return false;
  }

  #open(start: number): void {
    const [from, to] = this.#lastText ?? [0, 0];
    this.#name = nameOf(this.#text.slice(from, to));
    this.#member = { start, end: start, values: 0, depth: 0 };
  }

  #close(end: number): void {
    // The last of several of one name counts, as for JSON.parse.
    if (this.#name !== null) this.members.set(this.#name, { ...this.#member, end });
    this.#name = null;
    this.#lastText = null;
  }
}

const MAX_NAME_CHARACTERS = 100;

function nameOf(literal: string): string | null {
  if (literal.length > MAX_NAME_CHARACTERS) return null;
  try {
    const name: unknown = JSON.parse(literal);
    return typeof name === 'string' ? name : null;
  } catch {
    return null;
  }
}

/** Of the quotation mark that ends the text which begins here. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
