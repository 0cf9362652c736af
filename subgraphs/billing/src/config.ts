import { envInt, envOrigins } from '@iotistic/chassis/config';
import { mailConfig } from '@iotistic/chassis/mail';
import { z } from 'zod';

const DEFAULT_TRIAL_DAYS = 14;

export const billingConfig = z.object({
  /** Days that a new customer's trial lasts. */
  TRIAL_DAYS: envInt(1, 365).default(DEFAULT_TRIAL_DAYS),
  /** Without it nothing can be bought here: mutations that need Stripe answer STRIPE_NOT_CONFIGURED. */
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\w+$/, 'is no secret key of Stripe (sk_… or rk_…)')
    .optional(),
  /** Of the webhook endpoint; during a rotation the new one, and the old one beside it. */
  STRIPE_WEBHOOK_SECRET: z.string().startsWith('whsec_').optional(),
  STRIPE_WEBHOOK_SECRET_PREVIOUS: z.string().startsWith('whsec_').optional(),
  /** Of the event destination for thin events (errors of metering). */
  STRIPE_THIN_WEBHOOK_SECRET: z.string().startsWith('whsec_').optional(),
  /** Instead of Stripe's own address: a simulator's. */
  STRIPE_API_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Usage that is known after its invoice is billed once nothing more of it came for so long: a month's backlog makes one line. */
  USAGE_TRUE_UP_QUIET_SECONDS: envInt(0, 86_400).default(900),
  /** Who is written to when Stripe does not have what a customer used; nobody without it. */
  OPERATOR_EMAIL: z.email().optional(),
  /** What mails link to. */
  CONSOLE_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:3100/'),
  /** Sites besides the console's that a browser may be sent on to after a checkout or from the portal. */
  RETURN_ORIGINS: envOrigins.default([]),
  ...mailConfig,
});
export type BillingConfig = z.output<typeof billingConfig>;
