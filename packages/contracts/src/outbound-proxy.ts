import { BlockList, isIP } from 'node:net';
import { readSetting } from './setting.ts';

/** The ways out that the environment names, as curl and Go read them. */
export interface Proxies {
  https: NamedProxy | null;
  http: NamedProxy | null;
  /** NO_PROXY, entry by entry: what is reached without one. */
  none: readonly string[];
}

export interface NamedProxy {
  /** The variable that named it. */
  name: string;
  /** Its own address, without credentials: may be shown. */
  shown: string;
  url: string;
  /** For the header Proxy-Authorization; null without a user. */
  authorization: string | null;
}

export const PROXY_VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'] as const;
type ProxyVariable = (typeof PROXY_VARIABLES)[number];
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|::1|::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4})$/;
const PORT_OF: Readonly<Record<string, string>> = { 'http:': '80', 'ws:': '80', 'https:': '443', 'wss:': '443' };

/** A proxy's address; one without a scheme is spoken to by http. Null for what is none, and for schemes that we do not speak. */
export function readProxy(name: string, text: string): NamedProxy | null {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') return null;
  const credentials = decode(url.username) + (url.password === '' ? ':' : `:${decode(url.password)}`);
  return { name, shown: url.origin, url: url.origin, authorization: url.username === '' ? null : `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}` };
}

/** @param variable what a variable says, its small spelling included; null when it is not set or no address */
export function readProxies(variable: (name: ProxyVariable) => string | null): Proxies {
  const named = (name: ProxyVariable): NamedProxy | null => {
    const text = variable(name);
    return text === null ? null : readProxy(name, text);
  };
  const all = named('ALL_PROXY');
  return { https: named('HTTPS_PROXY') ?? all, http: named('HTTP_PROXY') ?? all, none: (variable('NO_PROXY') ?? '').split(/[\s,]+/).filter((entry) => entry !== '') };
}

/** A variable of the environment in capitals or in small letters, as it was meant; null when neither is set. */
export function proxyVariable(environment: Readonly<Record<string, string | undefined>>, name: ProxyVariable): string | null {
  return readSetting(environment[name]) ?? readSetting(environment[name.toLowerCase()]);
}

/**
 * The proxy that this address is reached through. Null for none: no variable names one, NO_PROXY names the address, or it is this
 * machine, which is never reached through another.
 * @param address http, https, ws or wss
 */
export function proxyFor(address: string, proxies: Proxies): NamedProxy | null {
  const { protocol, hostname, port } = new URL(address);
  const host = bare(hostname);
  const proxy = protocol === 'https:' || protocol === 'wss:' ? proxies.https : proxies.http;
  if (proxy === null || LOOPBACK.test(host)) return null;
  return proxies.none.some((entry) => names(entry.toLowerCase(), host, port === '' ? (PORT_OF[protocol] ?? '') : port)) ? null : proxy;
}

/** `*`, a host with those below it, `.domain`, `*.domain`, an address, a range of addresses; each but the range also with a port. */
function names(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isWithin(host, entry);
  const [, whole = entry, entryPort] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  const name = bare(whole).replace(/^\*?\./, '');
  return name !== '' && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}

function isWithin(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const kind = isIP(network);
  if (kind === 0 || isIP(host) !== kind || !/^\d{1,3}$/.test(bits) || Number(bits) > (kind === 4 ? 32 : 128)) return false;
  const family = kind === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(host, family);
}

/** Without brackets, and without the dot that ends a complete name. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '').toLowerCase();
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
