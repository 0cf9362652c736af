import { AppError } from '@iotistic/contracts/errors';
import { z } from 'zod';
import type { LicensingApp } from '../app.ts';
import type { HistoryEntry } from '../repository/license-history.ts';

export interface HistoryPage {
  customerId: string;
  edges: { cursor: string; node: HistoryEntry }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

const MAX_PAGE = 100;
const cursorSchema = z.tuple([z.number().int().positive()]);

/** What became of a customer's licenses, newest first; new entries do not move those on later pages. */
export async function listLicenseHistory(app: Pick<LicensingApp, 'loaders'>, customerId: string, page: { first: number; after?: string | null | undefined }): Promise<HistoryPage> {
  if (page.first < 1 || page.first > MAX_PAGE) throw new AppError('INVALID_INPUT', 'INVALID_PAGE_SIZE');
  const before = page.after === null || page.after === undefined ? null : positionOf(page.after);
  const found = await app.loaders.history.load({ customerId, first: page.first, before });
  const edges = found.slice(0, page.first).map((node) => ({ cursor: cursorOf(node), node }));
  return {
    customerId,
    edges,
    pageInfo: { hasNextPage: found.length > page.first, hasPreviousPage: before !== null, startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null },
  };
}

function cursorOf(entry: HistoryEntry): string {
  return Buffer.from(JSON.stringify([entry.position])).toString('base64url');
}

function positionOf(cursor: string): number {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))[0];
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'INVALID_CURSOR', undefined, { cause });
  }
}
