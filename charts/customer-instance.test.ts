import type { IIngress, INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { beforeAll, describe, expect, it } from 'vitest';
import { valuesOf as valuesOfDeployment } from '../subgraphs/customers/src/clients/manifests.ts';
import { kubernetesProblems } from './kubernetes-schemas.ts';
import { type ChartCase, containersOf, environmentOf, findManifest, merged, mergedValues, NAMESPACE, ownValues, podsOf, renderCharts, type RenderedChart, renderWithHelm, schemaProblems, valuesOf, whatIsMissing } from './render-charts.ts';

const chart = 'customer-instance';
const KNOWN_PASSWORD = Buffer.from('a password from the first install').toString('base64');
const LONG_RELEASE = 'a-release-whose-name-is-as-long-as-helm-allows-it-tob';

const CASES = {
  least: { chart },
  upgrade: { chart, upgrade: true, cluster: { [`v1/Secret/${NAMESPACE}/acme-passwords`]: { data: { 'postgres-password': KNOWN_PASSWORD, 'redis-password': KNOWN_PASSWORD } } } },
  ownPasswords: { chart, values: { passwords: { existingSecret: 'own-passwords' } } },
  longName: { chart, release: LONG_RELEASE },
  professional: { chart, values: { plan: 'professional' } },
  ownResources: { chart, values: { plan: 'enterprise', api: { resources: { requests: { cpu: '3' } } } } },
  agent: { chart, values: { controlPlane: { url: 'https://plane.example:8443/', licensePublicKey: 'LS0tLS1CRUdJTg==' }, agent: { collectionIntervalMs: 60000, metricsUrls: ['http://exporter:9100/metrics'], env: { ARCHIVE_DAYS: '30' }, image: { repository: 'mirror.example/agent', tag: '2.0.0' } } } },
  plainHttp: { chart, values: { controlPlane: { url: 'http://plane.example' }, ingress: { tls: { enabled: false }, className: 'nginx', annotations: { 'cert-manager.io/cluster-issuer': 'none' } } } },
  noIngress: { chart, values: { ingress: { enabled: false, host: '' } } },
  devicesOutside: { chart, values: { mosquitto: { service: { type: 'LoadBalancer', annotations: { 'example.com/ip': 'fixed' } }, tls: { existingSecret: 'mqtt-tls' } } } },
  onePassword: { chart, values: { mosquitto: { auth: { backend: 'password' }, image: { repository: 'eclipse-mosquitto', tag: '2.0.22' } } } },
  noPolicies: { chart, values: { networkPolicy: { enabled: false } } },
  narrow: { chart, values: { networkPolicy: { ingressNamespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } }, controlPlaneCidrs: ['203.0.113.7/32'], apiEgress: [{ ports: [{ port: 25 }] }] } } },
  pods: { chart, values: { imagePullSecrets: [{ name: 'registry' }], nodeSelector: { pool: 'customers' }, tolerations: [{ key: 'dedicated', operator: 'Exists' }], podAnnotations: { 'example.com/restart': '1' } } },
  storage: { chart, values: { postgresql: { persistence: { size: '50Gi', storageClassName: 'fast', keep: false } } } },
  product: { chart, values: { api: { image: { repository: 'mirror.example/api', tag: '7' }, port: 8000, livenessPath: '/live', readinessPath: '/ready', metricsPath: '/m', env: { FEATURE: 'on' } }, dashboard: { replicas: 3 } } },
} satisfies Record<string, ChartCase>;

describe('the values of an instance', () => {
  const problems = schemaProblems(chart);

  it('are enough as the example has them', () => {
    expect(problems(mergedValues(chart, {}))).toEqual([]);
  });

  it.each(Object.entries(CASES as Record<string, ChartCase>))('fit in the case %s', (_, each) => {
    expect(problems(mergedValues(chart, each.values ?? {}))).toEqual([]);
  });

  it('are those that a deployment of the control plane gives', () => {
    const target = { deploymentId: 'depl_0123456789abcdefghijklmn', customerId: 'cust_0123456789abcdefghijklmn', instanceId: 'inst_0123456789abcdefghijklmn', instanceName: 'us-east-1', namespace: 'iotistic-us-east-1' };
    for (const plan of ['trial', 'starter', 'professional', 'enterprise', 'one-that-is-new']) {
      const given = JSON.parse(valuesOfDeployment(target, { plan, host: 'us-east-1-0123.instances.localhost', controlPlaneUrl: 'http://127.0.0.1:3100' })) as Record<string, unknown>;
      expect(problems(merged(ownValues(chart), given)), plan).toEqual([]);
    }
  });

  it.each<[what: string, values: Record<string, unknown>, path: string]>([
    ['no customer', { customer: { id: '' } }, '/customer/id'],
    ['a customer by its name', { customer: { id: 'Acme Corp' } }, '/customer/id'],
    ['no instance', { instance: { name: '' } }, '/instance/name'],
    ['an instance whose name no report may have', { instance: { name: 'us east' } }, '/instance/name'],
    ['no control plane', { controlPlane: { url: '' } }, '/controlPlane/url'],
    ['a control plane with a path', { controlPlane: { url: 'https://plane.example/graphql' } }, '/controlPlane/url'],
    ['a password in the address', { controlPlane: { url: 'https://user:password@plane.example' } }, '/controlPlane/url'],
    ['no Secret', { existingSecret: '' }, '/existingSecret'],
    ['a plan that is not sold', { plan: 'free' }, '/plan'],
    ['no host', { ingress: { host: '' } }, '/ingress/host'],
    ['a host that is no DNS name', { ingress: { host: 'Acme_Corp' } }, '/ingress/host'],
    ['a secret as a value', { apiKey: 'iotk_1' }, ''],
    ['a misspelt value', { api: { imagge: {} } }, '/api'],
    ['an environment that is no text', { api: { env: { PORT: 1 } } }, '/api/env/PORT'],
    ['reports every second', { agent: { collectionIntervalMs: 1000 } }, '/agent/collectionIntervalMs'],
    ['devices from outside without TLS', { mosquitto: { service: { type: 'LoadBalancer' } } }, '/mosquitto/tls/existingSecret'],
    ['a query over two lines', { mosquitto: { auth: { userQuery: 'select 1\nlistener 1' } } }, '/mosquitto/auth/userQuery'],
  ])('are refused with %s', (_, values, path) => {
    expect(problems(mergedValues(chart, values)).map((problem) => problem.split(' ')[0])).toContain(path);
  });
});

const missing = whatIsMissing();
if (missing !== null) process.stderr.write(`${missing}\n`);

describe.skipIf(missing !== null)('the chart of an instance', () => {
  let rendered: Record<keyof typeof CASES, RenderedChart>;
  beforeAll(() => {
    rendered = renderCharts(CASES);
  }, 240_000);

  const network = (of: RenderedChart, part: string): NonNullable<INetworkPolicy['spec']> => findManifest(of, 'NetworkPolicy', `acme-${part}`).spec as NonNullable<INetworkPolicy['spec']>;
  const partsOf = (peers: readonly { podSelector?: { matchLabels?: Record<string, string> } }[] | undefined): (string | undefined)[] => (peers ?? []).map(({ podSelector }) => podSelector?.matchLabels?.['app.kubernetes.io/component']);
  const containerOf = (of: RenderedChart, name: string) => containersOf(of).find((each) => each.name === name)?.container;

  it('is what Kubernetes knows, in every case', () => {
    expect(kubernetesProblems(Object.values(rendered).flatMap(({ manifests }) => manifests))).toEqual([]);
    const [api] = rendered.least.manifests.filter(({ kind }) => kind === 'StatefulSet');
    expect(kubernetesProblems([{ ...(api as never as object), spec: { replicas: 'one' } } as never])).not.toEqual([]);
    expect(kubernetesProblems([{ ...(findManifest(rendered.least, 'Ingress', 'acme') as object), spec: { ingressClasName: 'nginx' } } as never]).join()).toContain('ingressClasName');
  }, 120_000);

  it('is the same by helm, where there is one', () => {
    const byHelm = renderWithHelm([CASES.least, CASES.devicesOutside]);
    const names = (manifests: readonly { kind: string; metadata: { name: string } }[]): string[] => manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();
    expect(byHelm === null ? [] : byHelm.map(names)).toEqual(byHelm === null ? [] : [rendered.least, rendered.devicesOutside].map(({ manifests }) => names(manifests)));
  }, 60_000);

  it('names everything once, within 63 characters, also under the longest name of a release', () => {
    for (const { manifests } of Object.values(rendered)) {
      const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
    // A StatefulSet's revision, which is a label, is its name and eleven characters.
    for (const { kind, metadata } of rendered.longName.manifests) expect(metadata.name.length, `${kind} ${metadata.name}`).toBeLessThanOrEqual(52);
  });

  it('has all its parts', () => {
    expect(containersOf(rendered.least).map(({ name }) => name).toSorted()).toEqual(['acme-api/agent', 'acme-api/api', 'acme-dashboard/dashboard', 'acme-mosquitto/configure', 'acme-mosquitto/mosquitto', 'acme-postgresql/postgresql', 'acme-redis/redis', 'acme-test/test']);
  });

  it('every Service finds pods, and every port that it names', () => {
    for (const service of rendered.devicesOutside.manifests.filter(({ kind }) => kind === 'Service')) {
      const { selector, ports } = service.spec as { selector: Record<string, string>; ports: { targetPort: string }[] };
      const pods = podsOf(rendered.devicesOutside).filter(({ labels }) => Object.entries(selector).every(([key, value]) => labels[key] === value));
      expect(pods, service.metadata.name).toHaveLength(1);
      const open = pods.flatMap(({ spec }) => spec.containers.flatMap(({ ports: own }) => (own ?? []).map(({ name }) => name)));
      for (const { targetPort } of ports) expect(open, service.metadata.name).toContain(targetPort);
    }
  });

  it('no container is root, writes to its image, keeps a capability or is without limits', () => {
    for (const of of Object.values(rendered)) {
      for (const { name, pod, container } of containersOf(of)) {
        expect(pod.spec, name).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } });
        expect(container.securityContext, name).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
        expect(container.resources, name).toMatchObject({ requests: { cpu: expect.any(String) as string } });
      }
    }
  });

  it('every container is asked whether it lives and is ready; but for the agent, which must not take the product out of service', () => {
    for (const { name, container, isInit } of containersOf(rendered.least)) {
      if (isInit || name.startsWith('acme-test')) continue;
      expect(container.livenessProbe, name).toBeDefined();
      expect(container.readinessProbe === undefined, name).toBe(name === 'acme-api/agent');
    }
  });

  it('every volume that is mounted is there, and every claim', () => {
    for (const of of Object.values(rendered)) {
      const claims = of.manifests.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ metadata }) => metadata.name);
      for (const { name, pod, container } of containersOf(of)) {
        const volumes = (pod.spec.volumes ?? []).map((volume) => volume.name);
        for (const mount of container.volumeMounts ?? []) expect(volumes, name).toContain(mount.name);
      }
      const claimed = podsOf(of).flatMap(({ spec }) => (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []));
      expect(claims.toSorted()).toEqual(claimed.toSorted());
    }
  });

  describe('secrets', () => {
    it('are made at the first install, each another one', () => {
      const data = Object.values(findManifest(rendered.least, 'Secret', 'acme-passwords')['data'] as Record<string, string>);
      expect(data.map((text) => Buffer.from(text, 'base64').length)).toEqual([40, 40, 40, 40]);
      expect(new Set(data).size).toBe(4);
    });

    it('stay at an upgrade; only what is missing is made', () => {
      const { data, metadata } = findManifest(rendered.upgrade, 'Secret', 'acme-passwords') as never as { data: Record<string, string>; metadata: { annotations: object } };
      expect(data).toMatchObject({ 'postgres-password': KNOWN_PASSWORD, 'redis-password': KNOWN_PASSWORD });
      expect(data['api-secret']).not.toBe(KNOWN_PASSWORD);
      expect(metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
    });

    it('of the operator replace them altogether', () => {
      expect(rendered.ownPasswords.manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
      expect(rendered.ownPasswords.text).not.toContain('acme-passwords');
      expect(environmentOf(rendered.ownPasswords, 'acme-api/api')['REDIS_PASSWORD']).toBe('secret:own-passwords/redis-password');
    });

    it('are nowhere but in that Secret, and no value can hold one', () => {
      const { data } = findManifest(rendered.least, 'Secret', 'acme-passwords') as never as { data: Record<string, string> };
      for (const text of Object.values(data)) {
        expect(rendered.least.text.split(text)).toHaveLength(2);
        expect(rendered.least.text).not.toContain(Buffer.from(text, 'base64').toString());
      }
      for (const each of ['password', 'secret', 'token', 'apikey', 'api-key']) expect(Object.keys(rendered.least.values).map((name) => name.toLowerCase()).filter((name) => name === each)).toEqual([]);
    });
  });

  describe('the agent', () => {
    it('is told where it belongs and takes its credentials from the Secret that was named', () => {
      expect(environmentOf(rendered.least, 'acme-api/agent')).toMatchObject({
        BILLING_API_URL: 'https://control.iotistic.example', INSTANCE_ID: 'us-east-1-prod', AGENT_DATA_DIR: '/data/agent', COLLECTION_INTERVAL: '3600000', METRICS_URLS: 'http://127.0.0.1:3000/metrics',
        IOTISTIC_API_KEY_FILE: '/credentials/api-key', IOTISTIC_LICENSE_KEY: 'secret:acme-agent/license-key?',
      });
      expect(environmentOf(rendered.least, 'acme-api/agent')['LICENSE_PUBLIC_KEY']).toBeUndefined();
      expect(containerOf(rendered.least, 'acme-api/agent')?.command).toEqual(['node', 'instance-agent/bin/iotistic-agent.js', 'run']);
    });

    it('is what its values say', () => {
      expect(environmentOf(rendered.agent, 'acme-api/agent')).toMatchObject({ BILLING_API_URL: 'https://plane.example:8443', LICENSE_PUBLIC_KEY: 'LS0tLS1CRUdJTg==', COLLECTION_INTERVAL: '60000', METRICS_URLS: 'http://127.0.0.1:3000/metrics,http://exporter:9100/metrics', ARCHIVE_DAYS: '30' });
      expect(containerOf(rendered.agent, 'acme-api/agent')?.image).toBe('mirror.example/agent:2.0.0');
    });

    it('keeps its reports on a volume that outlives the release; of an instance there is one', () => {
      expect(findManifest(rendered.least, 'PersistentVolumeClaim', 'acme-agent').metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
      expect(findManifest(rendered.least, 'StatefulSet', 'acme-api').spec).toMatchObject({ replicas: 1 });
    });
  });

  it('the plan chooses the sizes, and no disk: that could not become smaller', () => {
    expect(containerOf(rendered.professional, 'acme-api/api')?.resources).toMatchObject({ requests: { cpu: '500m' }, limits: { memory: '1Gi' } });
    expect(containerOf(rendered.least, 'acme-api/api')?.resources).toMatchObject({ requests: { cpu: '100m' } });
    expect(containerOf(rendered.ownResources, 'acme-api/api')?.resources).toEqual({ requests: { cpu: '3' } });
    expect(containerOf(rendered.ownResources, 'acme-redis/redis')?.resources).toMatchObject({ limits: { memory: '1Gi' } });
    const sizes = (of: RenderedChart): unknown[] => of.manifests.filter(({ kind }) => kind === 'PersistentVolumeClaim').map(({ spec }) => spec);
    expect(sizes(rendered.professional)).toEqual(sizes(rendered.least));
  });

  it('storage is of the class and size that was asked for, and kept or not', () => {
    expect(findManifest(rendered.storage, 'PersistentVolumeClaim', 'acme-postgresql')).toMatchObject({ spec: { storageClassName: 'fast', resources: { requests: { storage: '50Gi' } } } });
    expect(findManifest(rendered.storage, 'PersistentVolumeClaim', 'acme-postgresql').metadata.annotations).toBeUndefined();
    expect(findManifest(rendered.least, 'PersistentVolumeClaim', 'acme-postgresql').metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  });

  it('the product is what its values say', () => {
    expect(containerOf(rendered.product, 'acme-api/api')).toMatchObject({ image: 'mirror.example/api:7', ports: [{ containerPort: 8000 }], livenessProbe: { httpGet: { path: '/live' } }, readinessProbe: { httpGet: { path: '/ready' } } });
    expect(environmentOf(rendered.product, 'acme-api/api')).toMatchObject({ PORT: '8000', FEATURE: 'on', AGENT_URL: 'http://127.0.0.1:3002', PUBLIC_URL: 'https://acme.iotistic.example', CUSTOMER_ID: 'cust_0123456789abcdefghijklmn', DATABASE_URL: 'postgres://iotistic:$(POSTGRES_PASSWORD)@acme-postgresql:5432/iotistic' });
    expect(environmentOf(rendered.product, 'acme-api/agent')['METRICS_URLS']).toBe('http://127.0.0.1:8000/m');
    expect(findManifest(rendered.product, 'Deployment', 'acme-dashboard').spec).toMatchObject({ replicas: 3 });
  });

  it('a variable is made of others only where they stand before it', () => {
    for (const { name, container } of containersOf(rendered.least)) {
      const names = (container.env ?? []).map((each) => each.name);
      for (const [index, { value }] of (container.env ?? []).entries()) for (const [, used = ''] of (value ?? '').matchAll(/\$\((\w+)\)/g)) expect(names.slice(0, index), `${name}: ${used}`).toContain(used);
    }
  });

  it('the ingress is as asked for, or not there', () => {
    const spec = (of: RenderedChart): IIngress['spec'] => findManifest(of, 'Ingress', 'acme').spec as IIngress['spec'];
    expect(spec(rendered.least)).toMatchObject({ tls: [{ hosts: ['acme.iotistic.example'], secretName: 'acme-tls' }], rules: [{ host: 'acme.iotistic.example', http: { paths: [{ path: '/api', backend: { service: { name: 'acme-api' } } }, { path: '/', backend: { service: { name: 'acme-dashboard' } } }] } }] });
    expect(spec(rendered.plainHttp)).toMatchObject({ ingressClassName: 'nginx' });
    expect(spec(rendered.plainHttp)?.tls).toBeUndefined();
    expect(findManifest(rendered.plainHttp, 'Ingress', 'acme').metadata.annotations).toEqual({ 'cert-manager.io/cluster-issuer': 'none' });
    expect(rendered.plainHttp.notes).toContain('http://acme.iotistic.example/');
    expect(rendered.noIngress.manifests.filter(({ kind }) => kind === 'Ingress')).toEqual([]);
    expect(rendered.noIngress.notes).toContain('port-forward');
  });

  it('the broker asks the database who a device is, or knows one password', () => {
    const configuration = (of: RenderedChart): string => (findManifest(of, 'ConfigMap', 'acme-mosquitto') as never as { data: Record<string, string> }).data['mosquitto.conf'] ?? '';
    expect(configuration(rendered.least)).toContain('auth_opt_pg_host acme-postgresql\n');
    expect(configuration(rendered.least)).toContain('allow_anonymous false\n');
    expect(configuration(rendered.onePassword)).toContain('password_file /run/mosquitto/passwords\n');
    expect(configuration(rendered.onePassword)).not.toContain('auth_plugin');
    expect(podsOf(rendered.onePassword).find(({ owner }) => owner.metadata.name === 'acme-mosquitto')?.annotations).not.toEqual(podsOf(rendered.least).find(({ owner }) => owner.metadata.name === 'acme-mosquitto')?.annotations);
  });

  it('devices from outside come to the encrypted port alone', () => {
    expect(findManifest(rendered.devicesOutside, 'Service', 'acme-mosquitto-devices')).toMatchObject({ metadata: { annotations: { 'example.com/ip': 'fixed' } }, spec: { type: 'LoadBalancer', ports: [{ port: 8883, targetPort: 'mqtts' }] } });
    expect(findManifest(rendered.devicesOutside, 'Service', 'acme-mosquitto').spec).not.toHaveProperty('type');
    expect(rendered.least.text).not.toContain('8883');
  });

  it('nothing reaches what it does not need', () => {
    const all = findManifest(rendered.least, 'NetworkPolicy', 'acme-default').spec as NonNullable<INetworkPolicy['spec']>;
    for (const { labels, owner } of podsOf(rendered.least)) expect(labels, owner.metadata.name).toMatchObject(all.podSelector?.matchLabels ?? { none: '' });
    expect(all.egress).toEqual([{ ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }] }]);
    expect(partsOf(network(rendered.least, 'postgresql').ingress?.[0]?.from)).toEqual(['api', 'mosquitto']);
    expect(partsOf(network(rendered.onePassword, 'postgresql').ingress?.[0]?.from)).toEqual(['api']);
    expect(partsOf(network(rendered.least, 'redis').ingress?.[0]?.from)).toEqual(['api']);
    expect(partsOf(network(rendered.devicesOutside, 'mosquitto').ingress?.[0]?.from)).toEqual(['api']);
    expect(network(rendered.devicesOutside, 'mosquitto').ingress?.[1]).toEqual({ ports: [{ port: 'mqtts' }] });
    expect(network(rendered.least, 'redis').egress).toBeUndefined();
  });

  it('the agent may go to the control plane, at its port', () => {
    const way = (of: RenderedChart): unknown => network(of, 'api').egress?.find(({ to }) => to?.some(({ ipBlock }) => ipBlock !== undefined));
    expect(way(rendered.least)).toEqual({ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ protocol: 'TCP', port: 443 }] });
    expect(way(rendered.agent)).toMatchObject({ ports: [{ port: 8443 }] });
    expect(way(rendered.plainHttp)).toMatchObject({ ports: [{ port: 80 }] });
    expect(way(rendered.narrow)).toMatchObject({ to: [{ ipBlock: { cidr: '203.0.113.7/32' } }] });
    expect(network(rendered.narrow, 'api').egress).toContainEqual({ ports: [{ port: 25 }] });
    expect(network(rendered.narrow, 'dashboard').ingress?.[0]?.from?.[0]).toEqual({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } });
    expect(rendered.noPolicies.manifests.filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
  });

  it('what is asked of every pod, every pod has', () => {
    for (const { owner, spec } of podsOf(rendered.pods)) {
      expect(spec, owner.metadata.name).toMatchObject({ imagePullSecrets: [{ name: 'registry' }], nodeSelector: { pool: 'customers' }, tolerations: [{ key: 'dedicated', operator: 'Exists' }] });
    }
    for (const { owner, annotations } of podsOf(rendered.pods).filter((pod) => pod.owner.kind !== 'Pod')) expect(annotations, owner.metadata.name).toMatchObject({ 'example.com/restart': '1' });
  });

  it('is labelled with its customer and its plan, the pods without: an upgrade of the plan is not a new pod', () => {
    for (const { metadata } of rendered.professional.manifests) expect(metadata.labels, metadata.name).toMatchObject({ 'iotistic.com/customer-id': 'cust_0123456789abcdefghijklmn', 'iotistic.com/plan': 'professional' });
    for (const { labels } of podsOf(rendered.professional).filter(({ owner }) => owner.kind !== 'Pod')) expect(labels).not.toHaveProperty('iotistic.com/plan');
  });

  it('`helm test` asks the API and the dashboard, and leaves nothing behind', () => {
    const test = findManifest(rendered.product, 'Pod', 'acme-test');
    expect(test.metadata.annotations).toEqual({ 'helm.sh/hook': 'test', 'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded' });
    expect(containerOf(rendered.product, 'acme-test/test')?.command?.slice(-2)).toEqual(['http://acme-api/ready', 'http://acme-dashboard/']);
  });

  it('what was made at the install is told then, and not at each upgrade', () => {
    expect(rendered.least.notes).toContain('The passwords between the parts were made now');
    expect(rendered.upgrade.notes).not.toContain('were made now');
    expect(valuesOf(CASES.least)).toMatchObject({ existingSecret: 'acme-agent' });
  });
});
