import { expect, it } from 'vitest';
import { pageUrl } from './console-pages.ts';

it.each([
  ['http://127.0.0.1:3100/', 'http://127.0.0.1:3100/usage'],
  ['http://127.0.0.1:3100', 'http://127.0.0.1:3100/usage'],
  ['https://console.example/app/', 'https://console.example/app/usage'],
  ['https://console.example/app?from=mail#top', 'https://console.example/app/usage'],
])('a mail of a console at %s leads to %s', (consoleUrl, expected) => {
  expect(pageUrl(consoleUrl, '/usage')).toBe(expected);
});
