import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayProcessConfig } from '@iotistic/gateway/config';
import { beforeAll, describe, expect, it } from 'vitest';
import { readAlerts } from '../observability/expressions.ts';
import { kubernetesProblems } from './kubernetes-schemas.ts';
import { type ChartCase, containersOf, environmentOf, findManifest, mergedValues, podsOf, renderCharts, type RenderedChart, renderWithHelm, schemaProblems, whatIsMissing } from './render-charts.ts';

const chart = 'control-plane';
const PARTS = ['billing', 'customers', 'gateway', 'licensing', 'usage'] as const;
const SUBGRAPHS = ['customers', 'billing', 'licensing', 'usage'] as const;

const CASES = {
  least: { chart },
  longName: { chart, release: 'a-release-whose-name-is-as-long-as-helm-allows-it-tob' },
  scaling: { chart, values: { gateway: { autoscaling: { enabled: false }, replicas: 4 }, billing: { autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 9, targetCpuPercent: 50 } }, podDisruptionBudget: { maxUnavailable: '25%' } } },
  words: { chart, values: { logLevel: 'warn', env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, gateway: { env: { MAX_QUERY_DEPTH: '9' }, corsOrigins: ['https://a.example', 'https://b.example'], trustedProxies: 2 }, billing: { operatorEmail: 'ops@iotistic.example', env: { LOG_LEVEL: 'debug' } }, image: { repository: 'mirror.example/plane', tag: '1.2.3', pullPolicy: 'Always' } } },
  monitored: { chart, values: { serviceMonitor: { enabled: true, interval: '15s', labels: { release: 'prometheus' } }, prometheusRule: { enabled: true, labels: { release: 'prometheus' } } } },
  deploying: { chart, values: { deployments: { enabled: true, imageTag: '1.2.3-helm', instanceDomain: 'instances.example', env: { QUEUE_CONCURRENCY: '5' } } } },
  plainHttp: { chart, values: { ingress: { tls: { enabled: false }, className: 'nginx', annotations: { 'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600' } } } },
  noIngress: { chart, values: { ingress: { enabled: false, host: '' } } },
  bare: { chart, values: { networkPolicy: { enabled: false }, podDisruptionBudget: { enabled: false }, migrations: { enabled: false } } },
  narrow: { chart, values: { networkPolicy: { ingressNamespaceSelector: { matchLabels: { name: 'edge' } }, database: { cidrs: ['10.0.0.5/32'], port: 6432 }, redis: { cidrs: ['10.0.0.6/32'], port: 6380 }, billingPorts: [443, 465], egress: [{ ports: [{ port: 4318 }] }] } } },
  pods: { chart, values: { imagePullSecrets: [{ name: 'registry' }], nodeSelector: { pool: 'plane' }, tolerations: [{ key: 'dedicated', operator: 'Exists' }], podAnnotations: { 'example.com/restart': '1' } } },
} satisfies Record<string, ChartCase>;

describe('the values of the control plane', () => {
  const problems = schemaProblems(chart);

  it.each(Object.entries(CASES as Record<string, ChartCase>))('fit in the case %s', (_, each) => {
    expect(problems(mergedValues(chart, each.values ?? {}))).toEqual([]);
  });

  it.each<[what: string, values: Record<string, unknown>, path: string]>([
    ['no Secret', { existingSecret: '' }, '/existingSecret'],
    ['no host', { ingress: { host: '' } }, '/ingress/host'],
    ['a token as a value', { adminApiToken: 'x' }, ''],
    ['deployments under no domain', { deployments: { enabled: true } }, '/deployments/instanceDomain'],
    ['no process of a part', { usage: { replicas: 0 } }, '/usage/replicas'],
    ['a misspelt value', { gateway: { replica: 3 } }, '/gateway'],
    ['an environment that is no text', { env: { MAX_BODY_BYTES: 1 } }, '/env/MAX_BODY_BYTES'],
    ['an origin with a path', { gateway: { corsOrigins: ['https://a.example/console'] } }, '/gateway/corsOrigins/0'],
    ['a level of logging that there is not', { logLevel: 'verbose' }, '/logLevel'],
  ])('are refused with %s', (_, values, path) => {
    expect(problems(mergedValues(chart, values)).map((problem) => problem.split(' ')[0])).toContain(path);
  });
});

const missing = whatIsMissing();
if (missing !== null) process.stderr.write(`${missing}\n`);

describe.skipIf(missing !== null)('the chart of the control plane', () => {
  let rendered: Record<keyof typeof CASES, RenderedChart>;
  beforeAll(() => {
    rendered = renderCharts(CASES);
  }, 240_000);

  const deployment = (of: RenderedChart, part: string): NonNullable<IDeployment['spec']> => findManifest(of, 'Deployment', `acme-${part}`).spec as NonNullable<IDeployment['spec']>;
  const network = (of: RenderedChart, part: string): NonNullable<INetworkPolicy['spec']> => findManifest(of, 'NetworkPolicy', `acme-${part}`).spec as NonNullable<INetworkPolicy['spec']>;
  const ofKind = (of: RenderedChart, kind: string): string[] => of.manifests.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);
  const environment = (of: RenderedChart, part: string): Record<string, string> => environmentOf(of, `acme-${part}/${part}`);

  it('is what Kubernetes knows, in every case', () => {
    expect(kubernetesProblems(Object.values(rendered).flatMap(({ manifests }) => manifests))).toEqual([]);
  }, 120_000);

  it('is the same by helm, where there is one', () => {
    const byHelm = renderWithHelm([CASES.least, CASES.deploying]);
    const names = (manifests: readonly { kind: string; metadata: { name: string } }[]): string[] => manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();
    expect(byHelm === null ? [] : byHelm.map(names)).toEqual(byHelm === null ? [] : [rendered.least, rendered.deploying].map(({ manifests }) => names(manifests)));
  }, 60_000);

  it('names everything once, within 63 characters, also under the longest name of a release', () => {
    for (const { manifests } of Object.values(rendered)) {
      const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
    for (const { kind, metadata } of rendered.longName.manifests) expect(metadata.name.length, `${kind} ${metadata.name}`).toBeLessThanOrEqual(52);
  });

  it('runs the gateway and each subgraph, and no database of its own', () => {
    expect(ofKind(rendered.least, 'Deployment').toSorted()).toEqual(PARTS.map((part) => `acme-${part}`));
    expect([...ofKind(rendered.least, 'StatefulSet'), ...ofKind(rendered.least, 'PersistentVolumeClaim'), ...ofKind(rendered.least, 'Secret')]).toEqual([]);
  });

  it('starts files that the repository has', () => {
    for (const { name, container } of containersOf(rendered.least)) {
      const file = container.command?.[1] ?? '';
      if (file.startsWith('--')) continue;
      expect(existsSync(join(import.meta.dirname, '..', file.replace('/dist/', '/src/').replace(/\.js$/, '.ts'))), `${name} starts ${file}`).toBe(true);
    }
  });

  it('no container is root, writes to its image, keeps a capability or is without limits', () => {
    for (const of of Object.values(rendered)) {
      for (const { name, pod, container } of containersOf(of)) {
        expect(pod.spec, name).toMatchObject({ securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } } });
        expect(container.securityContext, name).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
        expect(container.resources, name).toMatchObject({ requests: { cpu: expect.any(String) as string }, limits: { memory: expect.any(String) as string } });
      }
    }
    for (const { owner, spec } of podsOf(rendered.least)) expect(spec.automountServiceAccountToken, owner.metadata.name).toBe(false);
  });

  describe('secrets', () => {
    const filesOf = (of: RenderedChart, owner: string): string[] => podsOf(of).filter((pod) => pod.owner.metadata.name === owner).flatMap(({ spec }) => (spec.volumes ?? []).flatMap(({ secret }) => (secret?.items ?? []).map(({ key }) => key)));

    it('each part has what it needs of the Secret, and no more', () => {
      expect(filesOf(rendered.least, 'acme-gateway')).toEqual(['redis-url', 'admin-api-token', 'caller-private.pem']);
      for (const part of ['customers', 'billing', 'usage']) expect(filesOf(rendered.least, `acme-${part}`)).toEqual(['database-url', 'redis-url', 'caller-public.pem']);
      expect(filesOf(rendered.least, 'acme-licensing')).toEqual(['database-url', 'redis-url', 'caller-public.pem', 'license-private.pem', 'license-encryption.key']);
      expect(filesOf(rendered.least, 'acme-migrations')).toEqual(['database-url']);
    });

    it('each variable that names a file names one that is there', () => {
      for (const part of PARTS) {
        const named = Object.entries(environment(rendered.least, part)).filter(([name]) => name.endsWith('_FILE')).map(([, file]) => file);
        expect(named.toSorted()).toEqual(filesOf(rendered.least, `acme-${part}`).map((key) => `/secrets/${key}`).toSorted());
      }
    });

    it('of Stripe and of the mail server are billing\'s alone, and there may be none', () => {
      expect(environment(rendered.least, 'billing')).toMatchObject({ STRIPE_SECRET_KEY: 'secret:iotistic-control-plane/stripe-secret-key?', SMTP_URL: 'secret:iotistic-control-plane/smtp-url?' });
      for (const part of PARTS.filter((each) => each !== 'billing')) expect(Object.keys(environment(rendered.least, part)).filter((name) => /STRIPE|SMTP/.test(name))).toEqual([]);
    });
  });

  it('the gateway finds each subgraph, at the port that it listens to', () => {
    const at = environment(rendered.least, 'gateway');
    for (const part of SUBGRAPHS) {
      const url = new URL(at[`${part.toUpperCase()}_URL`] ?? '');
      expect(url.hostname).toBe(`acme-${part}`);
      expect(environment(rendered.least, part)['PORT']).toBe(url.port);
      expect(findManifest(rendered.least, 'Service', url.hostname).spec).toMatchObject({ ports: [{ port: Number(url.port), targetPort: 'http' }] });
      expect(deployment(rendered.least, part).template?.spec?.containers[0]?.ports).toEqual([{ name: 'http', containerPort: Number(url.port) }]);
    }
  });

  it('the gateway knows every word that it is given', () => {
    for (const name of Object.keys(environment(rendered.least, 'gateway'))) expect(Object.keys(gatewayProcessConfig.shape)).toContain(name.replace(/_FILE$/, ''));
  });

  it('the operator\'s words come last and win, those of a part over those of all', () => {
    expect(environment(rendered.words, 'gateway')).toMatchObject({ LOG_LEVEL: 'warn', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', MAX_QUERY_DEPTH: '9', CORS_ORIGINS: 'https://a.example,https://b.example', TRUST_PROXY: '2' });
    expect(environment(rendered.words, 'billing')).toMatchObject({ LOG_LEVEL: 'debug', OPERATOR_EMAIL: 'ops@iotistic.example', CONSOLE_URL: 'https://control.iotistic.example/' });
    expect(environment(rendered.words, 'usage')).not.toHaveProperty('MAX_QUERY_DEPTH');
    for (const { container } of containersOf(rendered.words)) expect(container).toMatchObject({ image: 'mirror.example/plane:1.2.3', imagePullPolicy: 'Always' });
    expect(environment(rendered.noIngress, 'billing')).not.toHaveProperty('CONSOLE_URL');
  });

  it('the gateway stays in service while a subgraph is down; a subgraph without its database does not', () => {
    const path = (part: string): string | undefined => deployment(rendered.least, part).template?.spec?.containers[0]?.readinessProbe?.httpGet?.path;
    expect(path('gateway')).toBe('/healthz');
    for (const part of SUBGRAPHS) expect(path(part)).toBe('/readyz');
    for (const part of PARTS) expect(deployment(rendered.least, part).template?.spec?.containers[0]?.livenessProbe?.httpGet?.path).toBe('/healthz');
  });

  it('ends in peace: nobody sends any more, then the process has its 10 s, all within the grace', () => {
    for (const part of PARTS) {
      const spec = deployment(rendered.least, part).template?.spec;
      const wait = Number(environment(rendered.least, part)['DRAIN_MS']) / 1000;
      expect(wait).toBeGreaterThanOrEqual(5);
      expect(spec?.terminationGracePeriodSeconds).toBeGreaterThan(wait + 10);
      expect(deployment(rendered.least, part).strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
    }
  });

  it('fits the 100 connections of a PostgreSQL that nobody configured: two of each part, and a third of each during an upgrade', () => {
    const RESERVED = 3;
    const needs = SUBGRAPHS.map((part) => Number(environment(rendered.least, part)['DATABASE_MAX_CONNECTIONS']));
    expect(needs.every((each) => each >= 5)).toBe(true);
    expect(3 * needs.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(100 - RESERVED);
    expect(environment(rendered.least, 'gateway')).not.toHaveProperty('DATABASE_MAX_CONNECTIONS');
  });

  it('of a part no two share a node where there is another', () => {
    for (const part of PARTS) {
      const terms = deployment(rendered.least, part).template?.spec?.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      expect(terms.map(({ podAffinityTerm }) => [podAffinityTerm.topologyKey, podAffinityTerm.labelSelector?.matchLabels?.['app.kubernetes.io/component']])).toEqual([['kubernetes.io/hostname', part], ['topology.kubernetes.io/zone', part]]);
    }
  });

  it('scales as asked, or is as many as asked', () => {
    expect(ofKind(rendered.least, 'HorizontalPodAutoscaler')).toEqual(['acme-gateway', 'acme-usage']);
    expect(deployment(rendered.least, 'gateway').replicas).toBeUndefined();
    expect(deployment(rendered.scaling, 'gateway').replicas).toBe(4);
    expect(findManifest(rendered.scaling, 'HorizontalPodAutoscaler', 'acme-billing').spec).toMatchObject({ scaleTargetRef: { name: 'acme-billing' }, minReplicas: 3, maxReplicas: 9, metrics: [{ resource: { name: 'cpu', target: { averageUtilization: 50 } } }] });
    expect(ofKind(rendered.least, 'PodDisruptionBudget')).toHaveLength(PARTS.length);
    expect(findManifest(rendered.least, 'PodDisruptionBudget', 'acme-usage').spec).toMatchObject({ maxUnavailable: 1 });
    expect(findManifest(rendered.scaling, 'PodDisruptionBudget', 'acme-usage').spec).toMatchObject({ maxUnavailable: '25%' });
    expect(ofKind(rendered.bare, 'PodDisruptionBudget')).toEqual([]);
  });

  it('migrates every schema before an installation and an upgrade', () => {
    const job = findManifest(rendered.least, 'Job', 'acme-migrations');
    expect(job.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'pre-install,pre-upgrade', 'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded' });
    expect(containersOf(rendered.least).filter(({ pod }) => pod.owner === job).map(({ container }) => container.command)).toEqual(SUBGRAPHS.map((part) => ['node', `subgraphs/${part}/dist/migrate.js`]));
    expect(ofKind(rendered.bare, 'Job')).toEqual([]);
  });

  it('is watched by the Prometheus operator where that is asked for', () => {
    expect(ofKind(rendered.least, 'ServiceMonitor')).toEqual([]);
    const monitor = findManifest(rendered.monitored, 'ServiceMonitor', 'acme');
    expect(monitor).toMatchObject({ metadata: { labels: { release: 'prometheus' } }, spec: { endpoints: [{ port: 'http', path: '/metrics', interval: '15s', authorization: { type: 'Bearer', credentials: { name: expect.stringMatching(/./) as string, key: 'metrics-token' } } }] } });
    // Which every server knows by the same key of the same Secret.
    const secret = (monitor.spec as { endpoints: { authorization: { credentials: object } }[] }).endpoints[0]?.authorization.credentials;
    for (const part of PARTS) expect(deployment(rendered.monitored, part).template?.spec?.containers[0]?.env).toContainEqual({ name: 'METRICS_TOKEN', valueFrom: { secretKeyRef: { ...secret, optional: true } } });
    const { matchLabels } = (monitor.spec as { selector: { matchLabels: Record<string, string> } }).selector;
    for (const service of rendered.monitored.manifests.filter(({ kind }) => kind === 'Service')) {
      expect(service.metadata.labels).toMatchObject(matchLabels);
      expect(service.spec).toMatchObject({ ports: [{ name: 'http' }] });
    }
  });

  it('brings the alerts where the Prometheus operator takes them', () => {
    expect(ofKind(rendered.least, 'PrometheusRule')).toEqual([]);
    expect(findManifest(rendered.monitored, 'PrometheusRule', 'acme')).toMatchObject({ metadata: { labels: { release: 'prometheus' } }, spec: readAlerts() });
  });

  it('may touch the cluster only where it is to deploy, and only customers may', () => {
    for (const kind of ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding']) expect(ofKind(rendered.least, kind)).toEqual([]);
    expect(ofKind(rendered.deploying, 'ServiceAccount')).toEqual(['acme-deployer']);
    for (const part of PARTS) expect(deployment(rendered.deploying, part).template?.spec).toMatchObject({ automountServiceAccountToken: part === 'customers' });
    expect(deployment(rendered.deploying, 'customers').template?.spec).toMatchObject({ serviceAccountName: 'acme-deployer', containers: [{ image: 'iotistic-control-plane:1.2.3-helm' }] });
    expect(deployment(rendered.deploying, 'usage').template?.spec).toMatchObject({ containers: [{ image: 'iotistic-control-plane:0.1.0' }] });
    expect(environment(rendered.deploying, 'customers')).toMatchObject({ HELM_CHART_PATH: '/app/charts/customer-instance', SIMULATE_K8S_DEPLOYMENT: 'false', INSTANCE_DOMAIN: 'instances.example', CONTROL_PLANE_URL: 'https://control.iotistic.example', QUEUE_CONCURRENCY: '5', HOME: '/tmp/helm' });
    expect(environment(rendered.least, 'customers')).not.toHaveProperty('HELM_CHART_PATH');
    expect(JSON.stringify(findManifest(rendered.deploying, 'ClusterRole', 'customer-acme-acme-deployer')['rules'])).not.toContain('*');
  });

  it('may make each kind of which an instance consists', () => {
    const rules = findManifest(rendered.deploying, 'ClusterRole', 'customer-acme-acme-deployer')['rules'] as { apiGroups: string[]; resources: string[]; verbs: string[] }[];
    const instance = renderCharts({ instance: { chart: 'customer-instance' } }).instance;
    for (const { apiVersion, kind } of instance.manifests) {
      const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
      const resource = `${kind.toLowerCase().replace(/y$/, 'ie').replace(/ss$/, 'sse')}s`;
      expect(rules.some(({ apiGroups, resources, verbs }) => apiGroups.includes(group) && resources.includes(resource) && verbs.includes('create')), `${apiVersion} ${kind}: ${resource}`).toBe(true);
    }
  }, 120_000);

  it('the ingress is as asked for, or not there', () => {
    expect(findManifest(rendered.least, 'Ingress', 'acme').spec).toMatchObject({ tls: [{ hosts: ['control.iotistic.example'], secretName: 'acme-tls' }], rules: [{ http: { paths: [{ path: '/', backend: { service: { name: 'acme-gateway', port: { name: 'http' } } } }] } }] });
    expect(findManifest(rendered.plainHttp, 'Ingress', 'acme')).toMatchObject({ metadata: { annotations: { 'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600' } }, spec: { ingressClassName: 'nginx' } });
    expect(findManifest(rendered.plainHttp, 'Ingress', 'acme').spec).not.toHaveProperty('tls');
    expect(environment(rendered.plainHttp, 'billing')['CONSOLE_URL']).toBe('http://control.iotistic.example/');
    expect(ofKind(rendered.noIngress, 'Ingress')).toEqual([]);
    expect(rendered.noIngress.notes).toContain('port-forward service/acme-gateway');
  });

  it('nothing reaches what it does not need', () => {
    const peers = (part: string, of = rendered.narrow): (string | undefined)[] => (network(of, part).egress ?? []).flatMap(({ to, ports }) => (ports ?? []).map(({ port }) => `${to?.map(({ ipBlock, podSelector }) => ipBlock?.cidr ?? podSelector?.matchLabels?.['app.kubernetes.io/component']).join() ?? 'any'}:${String(port)}`));
    expect(peers('gateway')).toEqual(['billing:http', 'customers:http', 'licensing:http', 'usage:http', '10.0.0.6/32:6380']);
    expect(peers('usage')).toEqual(['10.0.0.5/32:6432', '10.0.0.6/32:6380']);
    expect(peers('billing')).toEqual(['10.0.0.5/32:6432', '10.0.0.6/32:6380', 'any:443', 'any:465']);
    expect(peers('migrations')).toEqual(['10.0.0.5/32:6432']);
    expect(peers('customers', rendered.deploying)).toContain('any:6443');
    expect(network(rendered.narrow, 'usage').ingress).toEqual([{ from: [{ podSelector: { matchLabels: expect.objectContaining({ 'app.kubernetes.io/component': 'gateway' }) as object } }, { namespaceSelector: { matchLabels: { name: 'edge' } } }], ports: [{ port: 'http' }] }]);
    expect(network(rendered.narrow, 'default').egress).toContainEqual({ ports: [{ port: 4318 }] });
    for (const { labels, owner } of podsOf(rendered.least)) expect(labels, owner.metadata.name).toMatchObject(network(rendered.least, 'default').podSelector?.matchLabels ?? { none: '' });
    expect(ofKind(rendered.bare, 'NetworkPolicy')).toEqual([]);
  });

  it('what is asked of every pod, every pod has', () => {
    for (const { owner, spec } of podsOf(rendered.pods)) {
      expect(spec, owner.metadata.name).toMatchObject({ imagePullSecrets: [{ name: 'registry' }], nodeSelector: { pool: 'plane' }, tolerations: [{ key: 'dedicated', operator: 'Exists' }] });
    }
    for (const { owner, annotations } of podsOf(rendered.pods).filter((pod) => pod.owner.kind !== 'Pod')) expect(annotations, owner.metadata.name).toMatchObject({ 'example.com/restart': '1' });
  });

  it('`helm test` asks the gateway whether it reaches every part', () => {
    const test = findManifest(rendered.least, 'Pod', 'acme-test');
    expect(test.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'test' });
    expect(containersOf(rendered.least).find(({ name }) => name === 'acme-test/test')?.container.command?.at(-1)).toBe('http://acme-gateway:3100/readyz');
    expect(network(rendered.least, 'gateway').ingress?.[0]?.from?.[0]).toMatchObject({ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'test' } } });
  });
});
