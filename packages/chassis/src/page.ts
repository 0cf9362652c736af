import { AppError } from '@iotistic/contracts/errors';
import { z } from 'zod';

export interface PageArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
}

/** A page as repositories read it: the rows that follow a key, one more than asked for so that they see whether there are more. */
export interface PageRequest<K> {
  first: number;
  after: K | null;
}

export interface Page<R> {
  edges: { cursor: string; node: R }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

const DEFAULT_PAGE_SIZE = 20;
const pageSize = z.number().int().min(1).max(100);

/** @throws AppError INVALID_PAGE_SIZE, INVALID_CURSOR */
export function parsePage<K extends unknown[]>(args: PageArgs, key: z.ZodType<K>): PageRequest<K> {
  const first = pageSize.safeParse(args.first ?? DEFAULT_PAGE_SIZE);
  if (!first.success) throw new AppError('INVALID_INPUT', 'INVALID_PAGE_SIZE');
  return { first: first.data, after: args.after === null || args.after === undefined ? null : parseCursor(args.after, key) };
}

function parseCursor<K>(cursor: string, key: z.ZodType<K>): K {
  try {
    return key.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'INVALID_CURSOR', undefined, { cause });
  }
}

/** The page of these rows, of which there is one more than asked for when another page follows. */
export function toPage<R, K extends unknown[]>(rows: readonly R[], request: PageRequest<K>, keyOf: (row: R) => K): Page<R> {
  const edges = rows.slice(0, request.first).map((node) => ({ cursor: Buffer.from(JSON.stringify(keyOf(node))).toString('base64url'), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > request.first,
      // The cursor was taken from a row of this list.
      hasPreviousPage: request.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
