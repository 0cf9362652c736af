import { ConfigError, loadConfig } from '@iotistic/chassis/config';
import { expect, it } from 'vitest';
import { customersConfig, deploymentsBy } from './config.ts';

const by = (environment: NodeJS.ProcessEnv): string => deploymentsBy(loadConfig(customersConfig, environment));

it.each([
  [{}, 'simulation'],
  [{ HELM_CHART_PATH: '/chart' }, 'simulation'],
  [{ HELM_CHART_PATH: '/chart', SIMULATE_K8S_DEPLOYMENT: 'false' }, 'helm'],
  [{ HELM_CHART_PATH: '/chart', NODE_ENV: 'production' }, 'helm'],
  [{ NODE_ENV: 'production' }, 'nothing'],
  [{ NODE_ENV: 'production', SIMULATE_K8S_DEPLOYMENT: 'true' }, 'simulation'],
])('deployments are played while trying things out, and in production only when asked for by name: %j', (environment, expected) => {
  expect(by(environment)).toBe(expected);
});

it('Helm without a chart is said at the start', () => {
  expect(() => by({ SIMULATE_K8S_DEPLOYMENT: 'false' })).toThrow(ConfigError);
});

it.each([{ QUEUE_CONCURRENCY: '0' }, { QUEUE_MAX_RETRY: 'x' }, { CONTROL_PLANE_URL: 'ftp://x' }, { INSTANCE_DOMAIN: '-x' }, { REMOVE_UNLICENSED_AFTER_DAYS: '-1' }])('what does not fit is said at the start: %j', (environment) => {
  expect(() => loadConfig(customersConfig, environment)).toThrow(ConfigError);
});
