import { readFileSync } from 'node:fs';
import { armFailpoints } from '@iotistic/contracts/failpoints';
import { readSetting } from '@iotistic/contracts/setting';
import { z } from 'zod';
import { databaseUrl } from './database-url.ts';

/** The environment does not fit: names every problem at once, never a value. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads a process's configuration from its environment. `NAME_FILE` gives the contents of that file as `NAME`. Each value
 * is read as it was meant (readSetting); a name that is set to nothing counts as unset.
 * @throws ConfigError with all problems.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, environment: NodeJS.ProcessEnv): z.output<S> {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of Object.keys(schema.shape)) {
    const value = readSetting(environment[name]) ?? readFile(name, environment, problems);
    if (value !== null) values[name] = value;
  }
  const parsed = schema.safeParse(values);
  if (parsed.success && problems.length === 0) return parsed.data;
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  throw new ConfigError(problems);
}

function readFile(name: string, environment: NodeJS.ProcessEnv, problems: string[]): string | null {
  const file = readSetting(environment[`${name}_FILE`]);
  if (file === null) return null;
  try {
    return readSetting(readFileSync(file, 'utf8'));
  } catch (error) {
    problems.push(`${name}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
    return null;
  }
}

/** `true`, `1`, `yes` or `false`, `0`, `no`. */
export const envFlag = z.enum(['true', 'false', '1', '0', 'yes', 'no']).transform((text) => text === 'true' || text === '1' || text === 'yes');

/** Origins of web pages, separated by commas. */
export const envOrigins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim().replace(/\/$/, '')).filter((origin) => origin !== ''))
  .pipe(z.array(z.url({ protocol: /^https?$/, error: 'is not a list of origins such as https://console.example' })));

/** A whole number in an environment variable. */
export function envInt(minimum: number, maximum: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d+$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().int().min(minimum).max(maximum));
}

/** Arms the failpoints that a process's configuration names; none in production. @throws ConfigError */
export function armConfiguredFailpoints(config: { FAILPOINTS?: string | undefined; NODE_ENV: string }): void {
  const problems = armFailpoints(config);
  if (problems.length > 0) throw new ConfigError(problems);
}

/** What every server process understands. */
export const commonConfig = {
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  DATABASE_URL: databaseUrl.optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** After SIGTERM: so long /readyz says that this process stops, and everything is still served. */
  DRAIN_MS: envInt(0, 300_000).default(1_000),
  /** For tests: where this process fails. Production refuses it. */
  FAILPOINTS: z.string().optional(),
};
