import { startHttpServer } from '@iotistic/chassis/http-server';
import { createLog } from '@iotistic/chassis/log';
import { createMetrics } from '@iotistic/chassis/metrics';
import { openRaw } from '@iotistic/testkit/raw-http';
import { waitFor } from '@iotistic/testkit/wait';
import { expect, it } from 'vitest';
import { createGatewayMetrics } from './gateway-metrics.ts';
import type { LiveSink } from './live-group.ts';
import { createSseDoor } from './sse-door.ts';

it('a client of an event stream that does not read is told so, and its stream ends without a completion', async () => {
  const log = createLog({ level: 'silent', name: 'test' });
  const metrics = createMetrics();
  const sinks: LiveSink[] = [];
  let left = 0;
  const door = createSseDoor({
    subscriptions: { join: (_operation, _variables, _caller, sink) => (sinks.push(sink), () => void (left += 1)), close: () => undefined },
    clients: { add: () => undefined, remove: () => undefined, close: () => undefined },
    metrics: createGatewayMetrics(metrics),
    log,
  });
  const identity = { caller: { kind: 'admin', name: 'operator' }, sha256: null } as const;
  const open = (request: Parameters<typeof door.open>[0]): null => {
    door.open(request, {} as never, {}, identity);
    return null;
  };
  const server = await startHttpServer({ host: '127.0.0.1', port: 0, maxBodyBytes: 100, log, routes: { 'GET /stream': open } });
  const { socket, closed } = openRaw(server.port);
  socket.write('GET /stream HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
  await waitFor(() => expect(sinks).toHaveLength(1));
  socket.pause();
  // More than the system itself holds for a connection.
  const event = JSON.stringify({ data: 'x'.repeat(512 * 1024) });
  await waitFor(async () => {
    sinks[0]?.next(event);
    expect(await metrics.text()).toContain('iotistic_gateway_live_slow_drops_total{transport="sse"} 1');
  }, { interval: 1 });
  socket.resume();
  const events = (await closed).split('\n\n').filter((text) => text.includes('event: '));
  expect(events.at(-1)).toContain('"code":"LIMIT_EXCEEDED","reason":"SLOW_CONSUMER"');
  await waitFor(() => expect(left).toBe(1));
  await server.close();
});
