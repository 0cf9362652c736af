import type { AppError } from '@iotistic/contracts/errors';
import { describe, expect, it } from 'vitest';
import { checkWebAddress, returnRuleOf } from './web-address.ts';

const rule = returnRuleOf({ CONSOLE_URL: 'https://console.example/app', RETURN_ORIGINS: ['https://shop.example', 'http://intranet.example:8080'] });
const local = returnRuleOf({ CONSOLE_URL: 'http://127.0.0.1:3100/', RETURN_ORIGINS: [] });

function reasonOf(text: string, of = rule): string {
  try {
    return checkWebAddress(text, 'successUrl', of);
  } catch (error) {
    return (error as AppError).reason;
  }
}

describe('an address that a browser is sent to', () => {
  it.each([
    ['https://console.example', 'https://console.example/'],
    ['https://console.example/paid?a=b#c', 'https://console.example/paid?a=b#c'],
    [' https://shop.example/paid\r\n', 'https://shop.example/paid'],
    ['HTTPS://SHOP.EXAMPLE:443/a/../b', 'https://shop.example/b'],
    ['http://intranet.example:8080/', 'http://intranet.example:8080/'],
    ['https://shop.example/ä ö', 'https://shop.example/%C3%A4%20%C3%B6'],
    ['https://shop.example/?id={CHECKOUT_SESSION_ID}', 'https://shop.example/?id={CHECKOUT_SESSION_ID}'],
    ['https://shop.example/paid/{CHECKOUT_SESSION_ID}/#{CHECKOUT_SESSION_ID}', 'https://shop.example/paid/{CHECKOUT_SESSION_ID}/#{CHECKOUT_SESSION_ID}'],
  ])('is kept as every browser reads it: %s', (text, address) => {
    expect(reasonOf(text)).toBe(address);
  });

  it.each([
    '',
    'console.example',
    '/paid',
    '//console.example/',
    'http:evil.example',
    'https:/evil.example',
    'https:/\\evil.example',
    'https:\\\\console.example',
    'https:///console.example/',
    'https://console.example\\@evil.example/',
    'https://console.example/\r\nlocation: https://evil.example',
    'https://console.example/\tpaid',
    'ht\ntps://console.example/',
    'https://console.example/\0',
    'https://console.example/\u2028x',
    'https://console.example/\u0085x',
    'https://console.example/\ud800',
    'https://user@console.example/',
    'https://user:secret@console.example/',
    'https://:secret@console.example/',
    'javascript:alert(1)',
    'JavaScript://console.example/%0aalert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'ftp://console.example/',
    'https://',
    'https://[::1',
    'https://console.example:99999/',
    `https://console.example/${'x'.repeat(2_000)}`,
    `https://console.example/${'ä'.repeat(600)}`,
  ])('is refused where it is none, or reads differently elsewhere: %j', (text) => {
    expect(reasonOf(text)).toBe('INVALID_URL');
  });

  it.each(['https://evil.example/', 'https://console.example.evil.example/', 'http://console.example/', 'https://console.example:8443/', 'https://shop.example./', 'http://127.0.0.1:3100/', 'http://localhost/', 'http://0x7f.1/'])('is refused where it leads to a site that is not listed: %s', (text) => {
    expect(reasonOf(text)).toBe('URL_NOT_ALLOWED');
  });

  it('may be any of this machine while the console is, or Stripe is simulated', () => {
    const simulated = returnRuleOf({ CONSOLE_URL: 'https://console.example/', RETURN_ORIGINS: [], STRIPE_API_URL: 'http://127.0.0.1:1/' });
    for (const each of [local, simulated]) {
      expect(reasonOf('http://127.0.0.1:8080/', each)).toBe('http://127.0.0.1:8080/');
      expect(reasonOf('http://localhost:5173/paid', each)).toBe('http://localhost:5173/paid');
      expect(reasonOf('http://[::1]/', each)).toBe('http://[::1]/');
      expect(reasonOf('https://evil.example/', each)).toBe('URL_NOT_ALLOWED');
      expect(reasonOf('http://127.0.0.1.evil.example/', each)).toBe('URL_NOT_ALLOWED');
    }
  });
});
