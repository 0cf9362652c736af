import type { IncomingMessage } from 'node:http';
import { AppError } from '@iotistic/contracts/errors';

/** Where a request goes. */
interface RequestTarget {
  path: string;
  /** Without its question mark; empty where there is none. */
  search: string;
}

/** What RFC 3986 allows in the name of a host, with its port. Everything else is an attempt to be understood differently by two servers. */
const HOST = /^[\w.~!$&'()*+;=%:[\]-]*$/;
const ABSOLUTE = /^https?:\/\/([^/?#]*)/i;
const HOST_NAME_LENGTH = 4;

/**
 * The target of a request, in each of the forms that RFC 9112 has for it. A proxy's form (`GET http://host/path`) names the host
 * itself: what the Host field says counts for nothing then.
 * @throws AppError MALFORMED_HTTP
 */
export function readTarget(raw: IncomingMessage): RequestTarget {
  const url = raw.url ?? '/';
  checkHost(raw);
  if (url.startsWith('/')) return split(url);
  const absolute = ABSOLUTE.exec(url);
  if (absolute === null) {
    if (url === '*' && raw.method === 'OPTIONS') return { path: '*', search: '' };
    throw malformed('The target of the request is no path.');
  }
  const [origin = '', host = ''] = absolute;
  if (host === '' || !HOST.test(host)) throw malformed('The target of the request names no host.');
  raw.headers.host = host;
  const rest = url.slice(origin.length);
  return split(rest.startsWith('/') ? rest : `/${rest}`);
}

/** The same path as its owner writes it: as clients that join addresses carelessly (`//graphql`, `/graphql/`), or escape what needs none, mean it. */
export function canonicalPath(path: string): string {
  const plain = path.replaceAll(/%([0-9a-f]{2})/gi, (escaped, hex: string) => {
    const character = String.fromCodePoint(Number.parseInt(hex, 16));
    return /[\w.~-]/.test(character) ? character : escaped;
  });
  const single = plain.replaceAll(/\/{2,}/g, '/');
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
}

/** What Node lets through and RFC 9112 does not: two servers in a row would read such a request differently. @throws AppError MALFORMED_HTTP */
export function checkFraming(raw: IncomingMessage): void {
  const transferEncoding = raw.headers['transfer-encoding'];
  if (transferEncoding === undefined) return;
  if (raw.httpVersionMinor === 0) throw malformed('HTTP/1.0 has no transfer-encoding.');
  if (transferEncoding.toLowerCase() !== 'chunked') throw malformed('The one transfer-encoding that is understood is chunked.');
}

function checkHost(raw: IncomingMessage): void {
  const { host } = raw.headers;
  if (host === undefined) {
    if (raw.httpVersionMinor >= 1) throw malformed('The request names no host.');
    return;
  }
  if (!HOST.test(host)) throw malformed('The host of the request is no host.');
  let count = 0;
  for (let index = 0; index < raw.rawHeaders.length; index += 2) {
    const name = raw.rawHeaders[index] as string;
    if (name.length === HOST_NAME_LENGTH && name.toLowerCase() === 'host') count += 1;
  }
  if (count > 1) throw malformed('The request names its host twice.');
}

function split(url: string): RequestTarget {
  const question = url.indexOf('?');
  return question === -1 ? { path: url, search: '' } : { path: url.slice(0, question), search: url.slice(question + 1) };
}

function malformed(message: string): AppError {
  return new AppError('INVALID_INPUT', 'MALFORMED_HTTP', message);
}
