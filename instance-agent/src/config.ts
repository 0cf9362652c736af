import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { armFailpoints } from '@iotistic/contracts/failpoints';
import { type Proxies, readProxies, readProxy } from '@iotistic/contracts/outbound-proxy';
import { publicKeyBlocks, publicKeyProblem } from '@iotistic/contracts/public-key-text';
import { readSetting } from '@iotistic/contracts/setting';
import { isLicenseKey } from '@iotistic/contracts/signed-document';
import { tokenProblem, unwrapKey, unwrapToken } from '@iotistic/contracts/wrapped-token';
import { z } from 'zod';
import { isPostgresUrl } from './collect-postgres.ts';

/** The environment does not fit: names every problem at once, never a value. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

const MAX_INTERVAL_MS = 24 * 3_600_000;

const httpUrl = z.url({ protocol: /^https?$/, error: 'is not an http or https URL' });
const wholeNumber = (minimum: number, maximum: number) => z.string().regex(/^\d+$/, 'is not a whole number').transform(Number).pipe(z.number().int().min(minimum).max(maximum));

function isPlainAddress({ username, password, search, hash }: URL): boolean {
  return username === '' && password === '' && search === '' && hash === '';
}

/** Requests go to /graphql there: who gives the address with it means the same. */
function planeAddress(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, '').replace(/\/graphql$/, '')}`;
}

/** Several may follow one another while a key is being replaced. */
function readPublicKeys(text: string): KeyObject[] | null {
  try {
    const keys = publicKeyBlocks(text).map((block) => createPublicKey(block));
    return keys.length > 0 && keys.every(isLicenseKey) ? keys : null;
  } catch {
    return null;
  }
}

const publicKeys = z.string().transform((text, context) => {
  const keys = readPublicKeys(text);
  if (keys !== null) return keys;
  context.addIssue({ code: 'custom', message: publicKeyProblem(text) });
  return z.NEVER;
});

const urlList = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((part) => part.trim()).filter((part) => part !== ''))])
  .pipe(z.array(httpUrl).max(100));

/** As it was given out, however it was copied. What is wrong with the rest is said, never shown. */
function token(maxCharacters: number, what: string, unwrap: (text: string) => string = unwrapKey) {
  return z.string().transform((text, context) => {
    const value = unwrap(text);
    const problem = tokenProblem(value, maxCharacters, what);
    if (problem === null) return value;
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  });
}

const proxy = z.string().refine((text) => readProxy('', text) !== null, 'is not the http or https URL of a proxy').optional();

/** The env contract of the agent: README.md and docs/configuration.md list the same names. */
export const agentConfig = z.object({
  BILLING_API_URL: httpUrl.refine((text) => !URL.canParse(text) || isPlainAddress(new URL(text)), 'has credentials, a query or a fragment: a control plane has none in its address').default('http://127.0.0.1:3100').transform(planeAddress),
  IOTISTIC_API_KEY: token(512, 'an API key').optional(),
  INSTANCE_ID: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'is 1 to 128 letters, digits, dots, underscores and hyphens, and begins with a letter or digit').default(() => hostname().slice(0, 128)),
  AGENT_DATA_DIR: z.string().default('.data/agent'),
  AGENT_PORT: wholeNumber(0, 65_535).default(3002),
  COLLECTION_INTERVAL: wholeNumber(100, MAX_INTERVAL_MS).default(3_600_000),
  METRICS_URLS: urlList.default([]),
  DEVICES_URL: httpUrl.optional(),
  DEVICES_API_TOKEN: token(4_096, 'a token').optional(),
  DATABASE_METRICS_URL: z.string().refine(isPostgresUrl, 'is not a postgres URL').optional(),
  LICENSE_PUBLIC_KEY: publicKeys.default([]),
  IOTISTIC_LICENSE_KEY: token(16_384, 'a license', unwrapToken).refine((text) => text.split('.').length === 3, 'is not a license: it has not three parts, with dots between them (was it cut short?)').optional(),
  LIVE_UPDATES: z.enum(['true', 'false'], { error: 'is true or false' }).default('true').transform((text) => text === 'true'),
  SPOOL_MAX_BYTES: wholeNumber(64 * 1024, 1024 ** 4).default(64 * 1024 * 1024),
  ARCHIVE_DAYS: wholeNumber(1, 3_650).default(400),
  ARCHIVE_MAX_BYTES: wholeNumber(1024 * 1024, 1024 ** 4).default(256 * 1024 * 1024),
  UPGRADE_URL: httpUrl.optional(),
  HTTPS_PROXY: proxy,
  HTTP_PROXY: proxy,
  ALL_PROXY: proxy,
  NO_PROXY: z.string().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  NODE_ENV: z.string().optional(),
  /** For tests: where the agent fails. Production refuses it. */
  FAILPOINTS: z.string().optional(),
});
export type AgentConfig = z.output<typeof agentConfig>;

/** Other names under which a value is known: the documents of older instances use them, and other programs the small ones. */
const ALIASES: Partial<Record<string, string>> = { IOTISTIC_LICENSE_KEY: 'LICENSE_JWT', HTTPS_PROXY: 'https_proxy', HTTP_PROXY: 'http_proxy', ALL_PROXY: 'all_proxy', NO_PROXY: 'no_proxy' };

/** The ways out that are configured: to the control plane alone, for the sources stand beside the agent. */
export function proxiesOf(config: AgentConfig): Proxies {
  return readProxies((name) => config[name] ?? null);
}

/**
 * Reads the agent's configuration. `NAME_FILE` gives the contents of that file as `NAME`; each is read as it was meant, and set
 * to nothing counts as unset. The failpoints that it names are armed.
 * @throws ConfigError with all problems.
 */
export function loadConfig(environment: NodeJS.ProcessEnv): AgentConfig {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of Object.keys(agentConfig.shape)) {
    for (const alias of [name, ALIASES[name]]) {
      if (alias === undefined || values[name] !== undefined) continue;
      const value = readVariable(alias, environment, problems);
      if (value !== null) values[name] = value;
    }
  }
  const parsed = agentConfig.safeParse(values);
  if (parsed.success) problems.push(...armFailpoints(parsed.data));
  if (parsed.success && problems.length === 0) return parsed.data;
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  throw new ConfigError(problems);
}

function readVariable(name: string, environment: NodeJS.ProcessEnv, problems: string[]): string | null {
  const direct = readSetting(environment[name]);
  if (direct !== null) return direct;
  const file = readSetting(environment[`${name}_FILE`]);
  if (file === null) return null;
  try {
    return readSetting(readFileSync(file, 'utf8'));
  } catch (error) {
    problems.push(`${name}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
    return null;
  }
}
