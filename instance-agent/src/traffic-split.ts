import type { Counter } from './usage.ts';

/** Traffic by what distinguishes it: MQTT by quality of service, HTTP by category of endpoint. */
export const SPLITS = ['mqttMessagesByQos', 'mqttBytesByQos', 'httpRequestsByCategory', 'httpBytesByCategory'] as const;
export type SplitName = (typeof SPLITS)[number];
export type TrafficSplit = Partial<Record<SplitName, Record<string, number>>>;

/** Which split a counter belongs to, and the labels that say where in it. */
const SPLIT_OF: Partial<Record<Counter, { split: SplitName; labels: readonly string[] }>> = {
  mqttMessagesPublished: { split: 'mqttMessagesByQos', labels: ['qos'] },
  mqttMessagesReceived: { split: 'mqttMessagesByQos', labels: ['qos'] },
  mqttBytesSent: { split: 'mqttBytesByQos', labels: ['qos'] },
  mqttBytesReceived: { split: 'mqttBytesByQos', labels: ['qos'] },
  httpRequests: { split: 'httpRequestsByCategory', labels: ['category', 'endpoint_category'] },
  httpBytesSent: { split: 'httpBytesByCategory', labels: ['category', 'endpoint_category'] },
  httpBytesReceived: { split: 'httpBytesByCategory', labels: ['category', 'endpoint_category'] },
};

/** Room for the categories of a product; what is beyond is told together. */
const MAX_PARTS = 50;
const MAX_LABEL_CHARACTERS = 64;
const OTHER = 'other';

/** Adds an increment to its part. @param series the labels of its series, as exposition-page writes them */
export function splitOf(split: TrafficSplit, counter: Counter, series: string, increment: number): void {
  const rule = SPLIT_OF[counter];
  if (rule === undefined) return;
  const labels = new Map(JSON.parse(series) as [string, string][]);
  const label = rule.labels.map((name) => labels.get(name)).find((value) => value !== undefined);
  if (label !== undefined) addPart((split[rule.split] ??= {}), label.slice(0, MAX_LABEL_CHARACTERS), increment);
}

/** Adds a split to another, part by part. */
export function addSplit(total: TrafficSplit, more: TrafficSplit): void {
  for (const name of SPLITS) for (const [label, count] of Object.entries(more[name] ?? {})) addPart((total[name] ??= {}), label, count);
}

function addPart(parts: Record<string, number>, label: string, count: number): void {
  const key = Object.hasOwn(parts, label) || Object.keys(parts).length < MAX_PARTS ? label : OTHER;
  parts[key] = Math.min((parts[key] ?? 0) + count, Number.MAX_SAFE_INTEGER);
}
