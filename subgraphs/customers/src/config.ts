import { commonConfig, ConfigError, envFlag, envInt } from '@iotistic/chassis/config';
import { z } from 'zod';

export const customersConfig = z.object({
  NODE_ENV: commonConfig.NODE_ENV,
  /** Days after which a log-in has to be repeated. */
  SESSION_TTL_DAYS: envInt(1, 365).default(30),
  /** The folder, archive or address of the chart of an instance, as Helm takes it. */
  HELM_CHART_PATH: z.string().optional(),
  /** Deployments are played instead of done. Unset, they are, but never in production. */
  SIMULATE_K8S_DEPLOYMENT: envFlag.optional(),
  /** How long a played deployment takes, a quarter more or less. */
  SIMULATED_DEPLOYMENT_MS: envInt(1, 600_000).default(4_000),
  /** Deployments that one process works on at a time. */
  QUEUE_CONCURRENCY: envInt(1, 100).default(3),
  /** Attempts that a deployment has, and the pause before the second; it doubles. */
  QUEUE_MAX_RETRY: envInt(1, 20).default(3),
  QUEUE_BACKOFF_DELAY: envInt(1, 600_000).default(5_000),
  /** How long one attempt may take. */
  DEPLOYMENT_DEADLINE_SECONDS: envInt(1, 3_600).default(300),
  /** Where instances reach this plane. */
  CONTROL_PLANE_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:3100'),
  /** Instances answer at a name of their own under it. */
  INSTANCE_DOMAIN: z
    .string()
    .max(190)
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'is no domain')
    .default('instances.localhost'),
  /** What is deployed is removed so many days after its customer's license came to the end of its calendar; unset, never. */
  REMOVE_UNLICENSED_AFTER_DAYS: envInt(0, 3_650).optional(),
});

export type CustomersConfig = z.output<typeof customersConfig>;

/** How deployments are done: by Helm, played, or, in production where neither was asked for, not at all. @throws ConfigError */
export function deploymentsBy(config: Pick<CustomersConfig, 'NODE_ENV' | 'HELM_CHART_PATH' | 'SIMULATE_K8S_DEPLOYMENT'>): 'helm' | 'simulation' | 'nothing' {
  const simulate = config.SIMULATE_K8S_DEPLOYMENT ?? config.NODE_ENV !== 'production';
  if (simulate) return 'simulation';
  if (config.HELM_CHART_PATH !== undefined) return 'helm';
  if (config.SIMULATE_K8S_DEPLOYMENT === false) throw new ConfigError(['HELM_CHART_PATH: SIMULATE_K8S_DEPLOYMENT=false needs the chart that is deployed']);
  return 'nothing';
}
