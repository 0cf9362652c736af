import { InvalidArgumentError } from 'commander';

export const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 100_000;
const PAGE_SIZE = 100;

interface Connection<N> {
  readonly edges: readonly { readonly node: N }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount?: number;
}

export interface Listed<N> {
  nodes: N[];
  /** Whether there are more than were asked for. */
  hasMore: boolean;
  totalCount: number | null;
}

/** The first of a list, page by page, as many as asked for. */
export async function listAll<N>(limit: number, readPage: (page: { first: number; after: string | null }) => Promise<Connection<N>>, pageSize = PAGE_SIZE): Promise<Listed<N>> {
  const nodes: N[] = [];
  let after: string | null = null;
  for (;;) {
    const page: Connection<N> = await readPage({ first: Math.min(pageSize, limit - nodes.length), after });
    nodes.push(...page.edges.map(({ node }) => node));
    const { hasNextPage, endCursor } = page.pageInfo;
    const totalCount = page.totalCount ?? null;
    if (!hasNextPage || nodes.length >= limit || endCursor === null || endCursor === after) return { nodes, hasMore: hasNextPage, totalCount };
    after = endCursor;
  }
}

/** What a table's foot says about the rows that are not in it; empty where all are. */
export function moreThan({ nodes, hasMore }: Listed<unknown>): string {
  return hasMore ? `\nThe first ${nodes.length}; see more with --limit.` : '';
}

/** For commander: a whole number of at least 1. */
export function wholeNumber(maximum: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= 1 && value <= maximum)) throw new InvalidArgumentError(`It is a whole number from 1 to ${maximum}.`);
    return value;
  };
}

export const limitOption = ['--limit <count>', `at most so many, page after page (1 to ${MAX_LIMIT})`, wholeNumber(MAX_LIMIT), DEFAULT_LIMIT] as const;
