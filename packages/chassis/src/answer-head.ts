/** Names, in lower case, and values in turn: what Node writes fastest. */
export type HeaderList = readonly string[];

/** The head of every answer of a server, which each answer adds its own to. */
export class AnswerHead {
  readonly #common: HeaderList;
  /** Where the value of each common header stands. */
  readonly #places = new Map<string, number>();

  /** @param headers by names in lower case. */
  constructor(headers: Readonly<Record<string, string>>) {
    this.#common = Object.entries(headers).flat();
    for (let index = 0; index < this.#common.length; index += 2) this.#places.set(this.#common[index] as string, index + 1);
  }

  /** @param own by names in lower case; of what is common too, this one is sent. */
  with(extra: HeaderList, own: Readonly<Record<string, string>> | undefined): string[] {
    const head = [...this.#common, ...extra];
    for (const name in own) {
      const place = this.#places.get(name);
      if (place === undefined) head.push(name, own[name] as string);
      else head[place] = own[name] as string;
    }
    return head;
  }
}
