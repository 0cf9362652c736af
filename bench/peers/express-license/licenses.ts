import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type pg from 'pg';

/** The design documents' tables, as far as a license needs them. */
export const SCHEMA = `
  create table customers (
    id serial primary key,
    customer_id varchar(255) unique not null,
    email varchar(255) unique not null,
    company_name varchar(255),
    created_at timestamptz not null default now()
  );
  create table api_keys (
    key_hash text primary key,
    customer_id varchar(255) not null references customers (customer_id),
    revoked_at timestamptz
  );
  create table subscriptions (
    id serial primary key,
    customer_id varchar(255) not null references customers (customer_id),
    stripe_subscription_id varchar(255),
    plan varchar(50) not null,
    status varchar(50) not null,
    trial_ends_at timestamptz,
    current_period_ends_at timestamptz,
    created_at timestamptz not null default now()
  );
  create index subscriptions_by_customer on subscriptions (customer_id, created_at desc);
  create table license_history (
    id bigserial primary key,
    customer_id varchar(255) not null references customers (customer_id),
    action varchar(50) not null,
    plan varchar(50) not null,
    max_devices integer not null,
    license_hash char(64) not null,
    metadata jsonb not null,
    generated_at timestamptz not null default now()
  );
  create index license_history_by_customer on license_history (customer_id, generated_at desc);
`;

interface Holder {
  company_name: string;
  plan: string;
  status: string;
  trial_ends_at: Date | null;
  current_period_ends_at: Date | null;
}

const YEAR_SECONDS = 365 * 86_400;
const HEADER = encode({ alg: 'RS256', typ: 'JWT' });

/** The one plan that is asked for here; a service would look it up by name, which costs as much. */
const PLAN = {
  features: { maxDevices: 10, dataRetentionDays: 30, canExportData: true, hasAdvancedAlerts: false, hasApiAccess: true, hasMqttAccess: true, hasCustomBranding: false },
  limits: { maxUsers: 2, maxAlertRules: 10, maxDashboards: 5 },
};

/** Customer and subscription in one query. Null for a customer that there is not. */
async function findHolder(pool: pg.Pool, customerId: string): Promise<Holder | null> {
  const { rows } = await pool.query<Holder>(
    `select c.company_name, s.plan, s.status, s.trial_ends_at, s.current_period_ends_at
     from customers c join subscriptions s on s.customer_id = c.customer_id
     where c.customer_id = $1 order by s.created_at desc limit 1`,
    [customerId],
  );
  return rows[0] ?? null;
}

/** Signs a license for whoever asks, as often as it is asked. Null for a customer that there is not. */
export async function generateLicense(pool: pg.Pool, key: KeyObject | string, customerId: string, options: { history: boolean }): Promise<string | null> {
  const holder = await findHolder(pool, customerId);
  if (holder === null) return null;
  const license = signToken(key, payloadOf(customerId, holder));
  if (options.history) await recordLicense(pool, customerId, holder, license);
  return license;
}

function payloadOf(customerId: string, holder: Holder): object {
  const issuedAt = Math.floor(Date.now() / 1000);
  return {
    customerId,
    customerName: holder.company_name,
    plan: holder.plan,
    ...PLAN,
    trial: { isTrialMode: holder.status === 'trialing', trialEndsAt: holder.trial_ends_at?.toISOString() },
    subscription: { status: holder.status, currentPeriodEndsAt: holder.current_period_ends_at?.toISOString() },
    issuedAt,
    expiresAt: issuedAt + YEAR_SECONDS,
    iat: issuedAt,
  };
}

/** As jsonwebtoken does it, which reads a PEM text anew each time and takes a key that was read before as it is. */
function signToken(key: KeyObject | string, payload: object): string {
  const text = `${HEADER}.${encode(payload)}`;
  const privateKey = typeof key === 'string' ? createPrivateKey(key) : key;
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The documents log each license that is generated: its hash, never the token. */
async function recordLicense(pool: pg.Pool, customerId: string, { plan }: Holder, license: string): Promise<void> {
  const hash = createHash('sha256').update(license).digest('hex');
  await pool.query('insert into license_history (customer_id, action, plan, max_devices, license_hash, metadata) values ($1, $2, $3, $4, $5, $6)', [customerId, 'generated', plan, PLAN.features.maxDevices, hash, PLAN]);
}
