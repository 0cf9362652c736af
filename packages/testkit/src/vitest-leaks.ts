import { afterAll, expect } from 'vitest';

/** In each test process: a listener that is not taken off when its work ends shows itself by this warning, and fails the file. */
const leaks: string[] = [];
process.on('warning', ({ name, message, stack }) => {
  if (name === 'MaxListenersExceededWarning') leaks.push(`${message}\n${stack ?? ''}`);
});
afterAll(() => expect(leaks).toEqual([]));
