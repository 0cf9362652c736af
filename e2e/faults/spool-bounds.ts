import type { Log } from '../../instance-agent/src/log.ts';

/** So small that a few appends rotate, and a few dozen merge. */
export const BOUNDS = { maxBytes: 12_000, segmentBytes: 2_000, reserveBytes: 1_000 };

export const START_MS = Date.parse('2026-10-20T10:00:00Z');

const ignore = (): void => undefined;

/** Says nothing, and costs the process that is killed a thousand times no start of a real log. */
export const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore } as unknown as Log;
