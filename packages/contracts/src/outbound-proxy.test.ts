import { describe, expect, it } from 'vitest';
import { proxyFor, proxyVariable, readProxies, readProxy } from './outbound-proxy.ts';

const proxiesOf = (environment: Record<string, string>) => readProxies((name) => proxyVariable(environment, name));
const via = (address: string, environment: Record<string, string>) => proxyFor(address, proxiesOf(environment))?.shown ?? null;
const BOTH = { HTTPS_PROXY: 'http://secure.corp:3128', HTTP_PROXY: 'http://plain.corp:3128' };

describe('the way out', () => {
  it.each([
    ['https://plane.example', 'http://secure.corp:3128'], ['wss://plane.example/graphql', 'http://secure.corp:3128'], ['http://plane.example', 'http://plain.corp:3128'], ['ws://plane.example', 'http://plain.corp:3128'],
  ])('to %s is through %s', (address, shown) => expect(via(address, BOTH)).toBe(shown));

  it.each(['http://127.0.0.1:3100', 'http://127.8.8.8', 'http://localhost:3100', 'http://a.localhost', 'http://[::1]:3100', 'http://LOCALHOST.'])('to this machine (%s) is never through a proxy', (address) => expect(via(address, BOTH)).toBeNull());

  it('is named in small letters too, by ALL_PROXY, without a scheme, or in quotes', () => {
    expect([via('https://a.example', { https_proxy: 'corp:3128' }), via('http://a.example', { ALL_PROXY: 'https://corp' }), via('https://a.example', { HTTPS_PROXY: '"http://corp:1"\r\n' })]).toEqual(['http://corp:3128', 'https://corp', 'http://corp:1']);
    expect(via('http://a.example', { HTTPS_PROXY: 'corp:3128' })).toBeNull();
  });

  it.each([
    ['*', 'https://a.example', true], ['a.example', 'https://a.example', true], ['a.example', 'https://b.a.example', true], ['.a.example', 'https://b.a.example', true], ['*.a.example', 'https://b.a.example', true], ['a.example', 'https://nota.example', false], ['A.Example', 'https://a.example.', true],
    ['a.example:443', 'https://a.example', true], ['a.example:8443', 'https://a.example', false], ['a.example:8443', 'https://a.example:8443', true], ['10.0.0.0/8', 'http://10.1.2.3', true], ['10.0.0.0/8', 'http://11.1.2.3', false], ['10.0.0.0/99', 'http://10.1.2.3', false], ['fd00::/8', 'http://[fd12::1]', true], ['[fd12::1]:80', 'http://[fd12::1]', true],
    ['10.1.2.3', 'http://10.1.2.3', true], ['2.3', 'http://10.1.2.3', false], ['x, .svc , y', 'http://gateway.iotistic.svc', true], ['x y', 'https://y', true], [',', 'https://a.example', false], ['.', 'https://a.example', false],
  ])('NO_PROXY=%s and %s: %s', (entries, address, isDirect) => expect(via(address, { ...BOTH, NO_PROXY: entries }) === null).toBe(isDirect));

  it('is shown without its password, which goes into a header', () => {
    expect(readProxy('HTTPS_PROXY', 'http://user:p%40ss@corp:3128')).toEqual({ name: 'HTTPS_PROXY', shown: 'http://corp:3128', url: 'http://corp:3128', authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}` });
    expect(readProxy('HTTPS_PROXY', 'user@corp:3128')?.authorization).toBe(`Basic ${Buffer.from('user:').toString('base64')}`);
  });

  it.each(['socks5://corp:1080', 'http://', 'ftp://corp', 'http://a b'])('%s is none that we take', (text) => expect(readProxy('HTTPS_PROXY', text)).toBeNull());
});
