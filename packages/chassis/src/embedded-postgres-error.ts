/** The embedded PostgreSQL cannot be had; the message says what a person can do about it. */
export class EmbeddedPostgresError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
  }
}

/** What always helps. */
export const USE_A_SERVER = 'set DATABASE_URL to a PostgreSQL server (14 or newer) instead';
