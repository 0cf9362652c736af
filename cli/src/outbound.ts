import type { Agent } from 'node:http';
import { type NamedProxy, type Proxies, proxyFor, proxyVariable, readProxies } from '@iotistic/contracts/outbound-proxy';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { fetch as fetchThrough, ProxyAgent } from 'undici';

/** The ways out that the environment names. What is no address of a proxy is none: doctor says which is taken. */
export function environmentProxies(environment: Readonly<Record<string, string | undefined>>): Proxies {
  return readProxies((name) => proxyVariable(environment, name));
}

/** A `fetch` that takes the way out that the environment names, and the given one where it names none for an address. */
export function outboundFetch(proxies: Proxies, direct: typeof fetch): typeof fetch {
  const dispatchers = new Map<string, ProxyAgent>();
  return async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    const proxy = proxyFor(address, proxies);
    if (proxy === null) return direct(input, init);
    const dispatcher = dispatchers.get(proxy.name) ?? dispatcherOf(proxy);
    dispatchers.set(proxy.name, dispatcher);
    // The library's own: Node's does not take the dispatchers of another version.
    return (await fetchThrough(address, { ...init, dispatcher } as Parameters<typeof fetchThrough>[1])) as Awaited<ReturnType<typeof fetch>>;
  };
}

/** For a WebSocket: undefined where there is no proxy for the address. */
export function outboundAgent(address: string, proxies: Proxies): Agent | undefined {
  const proxy = proxyFor(address, proxies);
  return proxy === null ? undefined : new HttpsProxyAgent(proxy.url, { headers: authorizationOf(proxy) });
}

/** Plain http is asked of the proxy itself: many tunnel to port 443 only. */
function dispatcherOf(proxy: NamedProxy): ProxyAgent {
  return new ProxyAgent({ uri: proxy.url, proxyTunnel: false, headers: authorizationOf(proxy) });
}

function authorizationOf({ authorization }: NamedProxy): Record<string, string> {
  return authorization === null ? {} : { 'proxy-authorization': authorization };
}
