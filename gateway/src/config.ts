import { createPrivateKey } from 'node:crypto';
import { commonConfig, envFlag, envInt, envOrigins } from '@iotistic/chassis/config';
import { metricsConfig } from '@iotistic/chassis/metrics-door';
import { z } from 'zod';

const MIN_ADMIN_TOKEN_CHARACTERS = 16;

/** An optional whole number with the value that serves most. */
function limit(fallback: number, minimum = 1, maximum = 1_000_000_000): z.ZodDefault<z.ZodType<number, string>> {
  return envInt(minimum, maximum).default(fallback);
}

/** What the gateway understands, wherever it runs. */
export const gatewayConfig = z.object({
  ...commonConfig,
  ...metricsConfig,
  HOST: z.string().default('127.0.0.1'),
  PORT: envInt(0, 65_535).default(3100),
  ADMIN_API_TOKEN: z.string().min(MIN_ADMIN_TOKEN_CHARACTERS, `has fewer than ${MIN_ADMIN_TOKEN_CHARACTERS} characters`),
  /** Web pages of other hosts that may call, comma-separated origins; none by default. */
  CORS_ORIGINS: envOrigins.default([]),
  /** Whether clients may read the schema; by default not in production. */
  INTROSPECTION: envFlag.optional(),
  /** How many proxies of ours stand in front: that many entries of X-Forwarded-For, from the right, are believed. */
  TRUST_PROXY: envInt(0, 10).default(0),
  MAX_BODY_BYTES: limit(2 * 1024 * 1024, 1_024),
  MAX_QUERY_TOKENS: limit(2_000),
  MAX_QUERY_DEPTH: limit(12),
  MAX_QUERY_ALIASES: limit(30),
  MAX_QUERY_ROOT_FIELDS: limit(20),
  MAX_QUERY_DIRECTIVES: limit(50),
  /** Fields of a document once every fragment is written out. */
  MAX_QUERY_FIELDS: limit(2_000),
  /** Fields of an answer, as estimated from the page sizes asked for. */
  MAX_QUERY_COST: limit(20_000),
  /** What all callers of a customer may ask for in a minute, in fields of answers as estimated; twice as much after a quiet time. 0 is no limit. */
  CUSTOMER_COST_PER_MINUTE: limit(600_000, 0),
  /** Requests without a good credential, per address and over all doors, in RATE_LIMIT_WINDOW_SECONDS. Loopback is exempt outside production. */
  RATE_LIMIT_ANONYMOUS: limit(100),
  RATE_LIMIT_WINDOW_SECONDS: limit(900, 1, 86_400),
  MAX_SOCKETS_PER_CUSTOMER: limit(1_000),
  /** WebSockets of one address that have not presented a credential yet. */
  MAX_PENDING_SOCKETS_PER_ADDRESS: limit(100),
  MAX_SUBSCRIPTIONS_PER_SOCKET: limit(100),
});
export type GatewayConfig = z.output<typeof gatewayConfig>;

const privateKey = z.string().transform((text, context) => {
  try {
    const key = createPrivateKey(text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8'));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Told below, without the key's text.
  }
  context.addIssue({ code: 'custom', message: 'is no Ed25519 private key in PKCS #8 PEM, or that in base64' });
  return z.NEVER;
});

const subgraphUrl = z.url({ protocol: /^https?$/ });

/** What the gateway needs besides when it is a process of its own. */
export const gatewayProcessConfig = gatewayConfig.extend({
  CUSTOMERS_URL: subgraphUrl,
  BILLING_URL: subgraphUrl,
  LICENSING_URL: subgraphUrl,
  USAGE_URL: subgraphUrl,
  /** Signs who is asking, for the subgraphs; they hold its public half as CALLER_PUBLIC_KEY. */
  CALLER_PRIVATE_KEY: privateKey,
});
