const UNIQUE_VIOLATION = '23505';

/** The unique index that the error says is violated; null for any other error. */
export function violatedIndex(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === UNIQUE_VIOLATION && typeof constraint === 'string' ? constraint : null;
}
