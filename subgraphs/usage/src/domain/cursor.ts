import { AppError } from '@iotistic/contracts/errors';
import { endMsOfReportId } from './report.ts';

/** A place in a list of reports, newest first: the report that was shown last. */
export interface ReportPlace {
  id: string;
  endMs: number;
}

export function encodeReportCursor(reportId: string): string {
  return Buffer.from(JSON.stringify([reportId])).toString('base64url');
}

/** @throws AppError INVALID_CURSOR for anything that encodeReportCursor did not write. */
export function decodeReportCursor(cursor: string): ReportPlace {
  const id = parse(cursor);
  const endMs = typeof id === 'string' ? endMsOfReportId(id) : null;
  if (typeof id !== 'string' || endMs === null) throw new AppError('INVALID_INPUT', 'INVALID_CURSOR');
  return { id, endMs };
}

function parse(cursor: string): unknown {
  try {
    const keys: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(keys) && keys.length === 1 ? (keys[0] as unknown) : null;
  } catch {
    return null;
  }
}
