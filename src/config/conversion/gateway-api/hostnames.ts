/** Hostnames of listeners and routes, and what they have in common. */

/** Of listeners and routes that name no host. */
export const anyHost = '*';

/** Whether every name that `inner` stands for is one that `outer` stands for. */
export function covers(outer: string, inner: string): boolean {
  if (outer === anyHost || outer === inner) return true;
  // A wildcard stands for one label or several, and not for the rest alone.
  return outer.startsWith('*.') && inner.endsWith(outer.slice(1)) && inner !== outer.slice(1);
}

/** What a listener serves of the hosts of a route; empty where they have nothing in common. */
export function intersectHostnames(
  listener: string,
  route: readonly string[] | undefined,
): readonly string[] {
  if (route === undefined || route.length === 0) return [listener];
  const common = route
    .map((host) => host.toLowerCase())
    .flatMap((host) => {
      if (covers(listener, host)) return [host];
      return covers(host, listener) ? [listener] : [];
    });
  return [...new Set(common)];
}
