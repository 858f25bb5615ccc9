/** Host names as Istio compares them: short names, wildcards, and which of two says more. */

/** What a Service is called in the mesh: `reviews.default.svc.cluster.local`. */
export function serviceHostName(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  domainSuffix: string,
): string {
  return `${name}.${namespace}.svc.${domainSuffix}`;
}

/**
 * `reviews` becomes `reviews.NAMESPACE.svc.SUFFIX`; anything with a dot, and `*`, stays as written.
 */
export function expandShortName(host: string, namespace: string, domainSuffix: string): string {
  if (host === '' || host === '*' || host.includes('.') || host.includes(':')) return host;
  return serviceHostName({ namespace, name: host }, domainSuffix);
}

export function isWildcardHost(host: string): boolean {
  return host.startsWith('*');
}

/**
 * Whether every name that `host` stands for is covered by `pattern`; both may be wildcards. A
 * wildcard covers any depth, but not the bare suffix: `*.a.com` does not cover `a.com`.
 */
export function isHostWithin(host: string, pattern: string): boolean {
  if (!isWildcardHost(pattern)) return host === pattern;
  if (isWildcardHost(host)) {
    return host.length >= pattern.length && host.slice(1).endsWith(pattern.slice(1));
  }
  return host.endsWith(pattern.slice(1));
}

/** Whether some name is covered by both. */
export function hostsOverlap(left: string, right: string): boolean {
  return isHostWithin(left, right) || isHostWithin(right, left);
}

/** The names that both lists cover, in the order of the first: of each pair the narrower one. */
export function intersectHosts(left: readonly string[], right: readonly string[]): string[] {
  const result = new Set<string>();
  for (const a of left) {
    for (const b of right) {
      if (isHostWithin(a, b)) result.add(a);
      else if (isHostWithin(b, a)) result.add(b);
    }
  }
  return [...result];
}

/** Of the hosts that cover `name` the one that says most: itself, or the longest wildcard. */
export function closestHost(name: string, hosts: Iterable<string>): string | null {
  let closest: string | null = null;
  for (const host of hosts) {
    if (isHostWithin(name, host) && (closest === null || isHostWithin(host, closest)))
      closest = host;
  }
  return closest;
}
