import type { ClusterTarget, ReleaseValues } from './cluster.ts';

/** Where the chart looks for the instance's credentials. */
export const CREDENTIALS_SECRET = 'iotistic-credentials';

/** The plans whose sizes the chart knows; of another it takes its own default. */
const CHART_PLANS = new Set(['trial', 'starter', 'professional', 'enterprise']);

/** All in JSON, which is YAML too. */
export function namespaceManifest(target: ClusterTarget): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: target.namespace, labels: { ...labelsOf(target), 'iotistic.com/deployment-id': target.deploymentId } } });
}

export function secretManifest(target: ClusterTarget, apiKey: string): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: CREDENTIALS_SECRET, namespace: target.namespace, labels: labelsOf(target) }, type: 'Opaque', stringData: { 'api-key': apiKey } });
}

/** What the chart is told: nothing of it is secret. Its license the instance fetches with its key. */
export function valuesOf(target: ClusterTarget, { plan, host, controlPlaneUrl }: ReleaseValues): string {
  return JSON.stringify({
    customer: { id: target.customerId },
    instance: { name: target.instanceName },
    controlPlane: { url: controlPlaneUrl },
    existingSecret: CREDENTIALS_SECRET,
    ingress: { host },
    ...(CHART_PLANS.has(plan) ? { plan } : {}),
  });
}

function labelsOf({ customerId, instanceId }: ClusterTarget): Record<string, string> {
  return { 'app.kubernetes.io/managed-by': 'iotistic-control-plane', 'iotistic.com/customer-id': customerId, 'iotistic.com/instance-id': instanceId };
}
