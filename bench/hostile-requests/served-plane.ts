/**
 * The plane as it is built, which says besides what CPU time it has used: /proc counts in ticks of 10 ms, which is too
 * coarse for one request.
 */
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ kind: 'cpu', ms: (user + system) / 1000 });
});
// What it measures is its own process: a channel to the one that asks must not keep it alive.
process.channel?.unref();
await import('../../control-plane/dist/main.js' as string);
