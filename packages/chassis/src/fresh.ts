/**
 * What is worked out at most once in so many milliseconds, however many ask: all who ask meanwhile share one reading. A reading that
 * failed is shared like any other.
 */
export function createFresh<T>(read: () => Promise<T>, freshForMs: number): () => Promise<T> {
  let shared: Promise<T> | null = null;
  let isRunning = false;
  let readAtMs = 0;
  return () => {
    if (shared !== null && (isRunning || performance.now() - readAtMs < freshForMs)) return shared;
    isRunning = true;
    const reading = read().finally(() => {
      isRunning = false;
      readAtMs = performance.now();
    });
    shared = reading;
    return reading;
  };
}
