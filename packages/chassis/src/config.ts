import { readFileSync } from 'node:fs';
import { armFailpoints } from '@iotistic/contracts/failpoints';
import { z } from 'zod';

/** The environment does not fit: names every problem at once, never a value. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads a process's configuration from its environment. `NAME_FILE` gives the contents of that file as `NAME`; a name
 * that is set to nothing counts as unset.
 * @throws ConfigError with all problems.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, environment: NodeJS.ProcessEnv): z.output<S> {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of Object.keys(schema.shape)) {
    const direct = environment[name];
    const file = environment[`${name}_FILE`];
    if (direct !== undefined && direct !== '') {
      values[name] = direct;
    } else if (file !== undefined && file !== '') {
      try {
        values[name] = readFileSync(file, 'utf8').trim();
      } catch {
        problems.push(`${name}_FILE: the file cannot be read`);
      }
    }
  }
  const parsed = schema.safeParse(values);
  if (parsed.success && problems.length === 0) return parsed.data;
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  throw new ConfigError(problems);
}

/** `true`, `1`, `yes` or `false`, `0`, `no`. */
export const envFlag = z.enum(['true', 'false', '1', '0', 'yes', 'no']).transform((text) => text === 'true' || text === '1' || text === 'yes');

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
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** For tests: where this process fails. Production refuses it. */
  FAILPOINTS: z.string().optional(),
};
