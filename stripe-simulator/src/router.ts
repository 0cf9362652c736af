interface Node<T> {
  literals: Map<string, Node<T>>;
  /** What stands here when a segment may be anything. */
  any: Node<T> | null;
  routes: Map<string, { route: T; names: string[] }>;
}

export interface Match<T> {
  route: T;
  path: Record<string, string>;
}

/** Finds routes by method and path; a literal segment (`/v1/customers/search`) goes before a parameter (`/v1/customers/:id`). */
export class Router<T extends { method: string; path: string }> {
  readonly #root: Node<T> = emptyNode();

  /** @throws Error when two routes are the same. */
  constructor(routes: readonly T[]) {
    for (const route of routes) this.#add(route);
  }

  /** Null where there is none. A segment that is no valid percent-encoding matches nothing. */
  find(method: string, pathname: string): Match<T> | null {
    const segments = segmentsOf(pathname);
    const values: string[] = [];
    const found = segments === null ? null : search(this.#root, segments, 0, method, values);
    return found === null ? null : { route: found.route, path: Object.fromEntries(found.names.map((name, index) => [name, values[index] ?? ''])) };
  }

  #add(route: T): void {
    const names: string[] = [];
    let node = this.#root;
    for (const segment of route.path.split('/').slice(1)) {
      if (segment.startsWith(':')) {
        names.push(segment.slice(1));
        node = node.any ??= emptyNode();
      } else {
        const below: Node<T> = node.literals.get(segment) ?? emptyNode();
        node.literals.set(segment, below);
        node = below;
      }
    }
    if (node.routes.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
    node.routes.set(route.method, { route, names });
  }
}

function emptyNode<T>(): Node<T> {
  return { literals: new Map(), any: null, routes: new Map() };
}

function search<T>(node: Node<T>, segments: readonly string[], at: number, method: string, values: string[]): { route: T; names: string[] } | null {
  const segment = segments[at];
  if (segment === undefined) return node.routes.get(method) ?? null;
  const literal = node.literals.get(segment);
  const found = literal === undefined ? null : search(literal, segments, at + 1, method, values);
  if (found !== null || node.any === null || segment === '') return found;
  values.push(segment);
  const below = search(node.any, segments, at + 1, method, values);
  if (below === null) values.pop();
  return below;
}

function segmentsOf(pathname: string): string[] | null {
  try {
    return pathname.split('/').slice(1).map(decodeURIComponent);
  } catch {
    return null;
  }
}
