interface Count<A, P> {
  action: A;
  plan: P;
  count: number;
}

export function totalOf(counts: readonly { count: number }[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}

export function countByAction<A, P>(counts: readonly Count<A, P>[]): { action: A; count: number }[] {
  return sumsBy(counts, ({ action }) => action).map(([action, count]) => ({ action, count }));
}

export function countByPlan<A, P>(counts: readonly Count<A, P>[]): { plan: P; count: number }[] {
  return sumsBy(counts, ({ plan }) => plan).map(([plan, count]) => ({ plan, count }));
}

function sumsBy<K, C extends { count: number }>(counts: readonly C[], keyOf: (count: C) => K): [K, number][] {
  const sums = new Map<K, number>();
  for (const count of counts) sums.set(keyOf(count), (sums.get(keyOf(count)) ?? 0) + count.count);
  return [...sums];
}
