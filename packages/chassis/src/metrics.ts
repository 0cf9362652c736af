import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One registry per process; one process may hold several services, which is what the `service` label tells apart. */
export interface Metrics {
  registry: Registry;
  counter<L extends string>(name: string, help: string, labels: readonly L[]): Counter<L>;
  gauge<L extends string>(name: string, help: string, labels: readonly L[]): Gauge<L>;
  histogram<L extends string>(name: string, help: string, labels: readonly L[], bucketsSeconds?: number[]): Histogram<L>;
  text(): Promise<string>;
}

const DEFAULT_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(options: { defaults?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.defaults === true) collectDefaultMetrics({ register: registry });
  return {
    registry,
    counter: (name, help, labels) => (registry.getSingleMetric(name) as Counter<never> | undefined) ?? new Counter({ name, help, labelNames: labels, registers: [registry] }),
    gauge: (name, help, labels) => (registry.getSingleMetric(name) as Gauge<never> | undefined) ?? new Gauge({ name, help, labelNames: labels, registers: [registry] }),
    histogram: (name, help, labels, buckets = DEFAULT_BUCKETS_SECONDS) => (registry.getSingleMetric(name) as Histogram<never> | undefined) ?? new Histogram({ name, help, labelNames: labels, buckets, registers: [registry] }),
    text: () => registry.metrics(),
  };
}
