import { describe, expect, it, vi } from 'vitest';
import { createMetrics } from './metrics.ts';

describe('what is read for a scrape', () => {
  it('is there with the scrape, and serves those that come soon after', async () => {
    const metrics = createMetrics();
    const gauge = metrics.gauge('depth', 'How deep it is', []);
    const read = vi.fn(async () => {
      await Promise.resolve();
      gauge.set(7);
    });
    metrics.onScrape('depth', read);
    const [one, other] = await Promise.all([metrics.text(), metrics.text()]);
    expect([one.includes('depth 7'), other.includes('depth 7')]).toEqual([true, true]);
    await metrics.text();
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('is read at each scrape where looking is enough', async () => {
    const metrics = createMetrics();
    const read = vi.fn(() => undefined);
    metrics.onScrape('pool', read);
    await metrics.text();
    await metrics.text();
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('keeps what it had where it fails, counts that, and takes nothing of the rest along', async () => {
    const metrics = createMetrics({ freshForMs: 0 });
    const gauge = metrics.gauge('depth', 'How deep it is', []);
    let isAway = false;
    metrics.onScrape('depth', async () => {
      await Promise.resolve();
      if (isAway) throw new Error('the database is away');
      gauge.set(7);
    });
    metrics.counter('others_total', 'Something else', []).inc();
    expect(await metrics.text()).toContain('iotistic_scrape_failures_total{reader="depth"} 0');
    isAway = true;
    const text = await metrics.text();
    for (const line of ['depth 7', 'others_total 1', 'iotistic_scrape_failures_total{reader="depth"} 1']) expect(text).toContain(line);
  });

  it('that hangs does not hold up the scrape, and is not asked twice meanwhile', async () => {
    vi.useFakeTimers();
    try {
      const metrics = createMetrics({ freshForMs: 0 });
      const read = vi.fn(() => new Promise<void>(() => {}));
      metrics.onScrape('depth', read);
      const [first] = await Promise.all([metrics.text(), vi.advanceTimersByTimeAsync(3_000)]);
      expect(first).toContain('iotistic_scrape_failures_total{reader="depth"} 0');
      await Promise.all([metrics.text(), vi.advanceTimersByTimeAsync(3_000)]);
      expect(read).toHaveBeenCalledTimes(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends when it is told to', async () => {
    const metrics = createMetrics();
    const read = vi.fn(() => undefined);
    metrics.onScrape('pool', read)();
    await metrics.text();
    expect(read).not.toHaveBeenCalled();
  });
});

describe('a metric', () => {
  it('of the same name is one, whoever asks for it', async () => {
    const metrics = createMetrics();
    metrics.counter('calls_total', 'Calls', []).inc();
    metrics.counter('calls_total', 'Calls', []).inc();
    expect(await metrics.text()).toContain('calls_total 2');
  });
});
