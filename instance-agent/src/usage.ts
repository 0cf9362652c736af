/** What a report says: gauges as of the interval's end, counters as their increments over it. Whole numbers, bytes not megabytes. */
export const GAUGES = ['activeDevices', 'totalDevices', 'storageBytes', 'storageRows'] as const;
export const COUNTERS = [
  'mqttMessagesPublished',
  'mqttMessagesReceived',
  'mqttBytesSent',
  'mqttBytesReceived',
  'httpRequests',
  'httpBytesSent',
  'httpBytesReceived',
] as const;

export type Gauge = (typeof GAUGES)[number];
export type Counter = (typeof COUNTERS)[number];
export type Gauges = Partial<Record<Gauge, number>>;
export type Counters = Partial<Record<Counter, number>>;
export type Usage = Gauges & Counters;

/** One interval of this instance, as the control plane takes it. `previousHash` chains it to the one before: from its first attempt on, see docs/agent-protocol.md. */
export type UsageReport = { reportId: string; sequence: number; previousHash?: string | undefined; intervalStart: string; intervalEnd: string } & Record<Gauge | Counter, number>;

/** a + b, name by name; never past what a JSON number holds exactly. */
export function addUsage<N extends Gauge | Counter>(names: readonly N[], a: Partial<Record<N, number>>, b: Partial<Record<N, number>>): Partial<Record<N, number>> {
  const sum: Partial<Record<N, number>> = {};
  for (const name of names) {
    if (a[name] !== undefined || b[name] !== undefined) sum[name] = Math.min((a[name] ?? 0) + (b[name] ?? 0), Number.MAX_SAFE_INTEGER);
  }
  return sum;
}
