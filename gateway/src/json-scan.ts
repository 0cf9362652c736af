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
 * Where the members of a JSON object are, found without making anything of them: of a large body that is refused
 * nothing but that is paid for. Only members of these names are kept. Null for what is no object, or not whole; what is
 * wrong within a member its parser says.
 */
export function scanMembers(text: string, names: ReadonlySet<string>): Map<string, Member> | null {
  const scan = new MemberScan(text, names);
  return scan.run() ? scan.members : null;
}

class MemberScan {
  readonly members = new Map<string, Member>();
  readonly #text: string;
  readonly #names: ReadonlySet<string>;
  #depth = 0;
  #name: string | null = null;
  /** The text that came last at the top: the name of what follows a colon. */
  #from = 0;
  #to = 0;
  #member: Member = { start: 0, end: 0, values: 0, depth: 0 };

  constructor(text: string, names: ReadonlySet<string>) {
    this.#text = text;
    this.#names = names;
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
        if (this.#depth === 1) {
          this.#from = index;
          this.#to = end + 1;
        }
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
    const name = this.#to - this.#from > MAX_NAME_CHARACTERS ? null : nameOf(this.#text.slice(this.#from, this.#to));
    this.#name = name !== null && this.#names.has(name) ? name : null;
    this.#member.start = start;
    this.#member.values = 0;
    this.#member.depth = 0;
  }

  #close(end: number): void {
    // The last of several of one name counts, as for JSON.parse.
    if (this.#name !== null) this.members.set(this.#name, { ...this.#member, end });
    this.#name = null;
    this.#to = this.#from;
  }
}

const MAX_NAME_CHARACTERS = 100;

/** As most are written it stands between its quotation marks. */
function nameOf(literal: string): string | null {
  if (!literal.includes('\\')) return literal.slice(1, -1);
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
