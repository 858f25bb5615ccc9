/** What Istio's name of a cluster says. */

/** The parts of `outbound|9080|v1|reviews.default.svc.cluster.local`. */
export interface ClusterNameParts {
  readonly fqdn: string;
  readonly port: string;
  readonly subset: string;
  readonly direction: string;
}

/** A cluster that the proxy has by itself has one part only, for which `fqdn` stands. */
export function clusterNameParts(name: string): ClusterNameParts {
  const [direction = '', port = '', subset = '', fqdn] = name.split('|');
  if (fqdn === undefined) return { fqdn: name, port: '', subset: '', direction: '' };
  return { fqdn, port, subset, direction };
}

/** `reviews.default` of a Kubernetes service; of others all of the host. */
export function serviceName(cluster: string): string {
  return clusterNameParts(cluster).fqdn.replace(/\.svc\.cluster\.local$/, '');
}
