/** All names by which a client in one namespace may call a service (Istio httproute.go). */

import type { RegistryService } from '../../registry/service.ts';

export interface ServiceDomains {
  readonly domains: readonly string[];
  /** Those of `domains` that are short forms: they never take the full name of another service. */
  readonly shortForms: ReadonlySet<string>;
}

interface Client {
  readonly namespace: string;
  readonly domainSuffix: string;
}

export function serviceDomains(service: RegistryService, client: Client): ServiceDomains {
  const shortForms = new Set<string>();
  const domains: string[] = [];
  for (const host of [service.host, ...service.aliases]) {
    const short = shortNames(host, client);
    for (const name of short) shortForms.add(name);
    domains.push(host, ...short, `${host}.`);
  }
  // Pods of a headless service have names of their own below that of the service.
  if (service.headless) domains.push(...domains.map((domain) => `*.${domain}`));
  for (const address of service.addresses) {
    if (address !== '0.0.0.0' && address !== '::') domains.push(literalAddress(address));
  }
  return { domains: [...new Set(domains)], shortForms };
}

/**
 * `a.b.svc`, `a.b`, and bare `a` for clients in `b`; names outside the cluster's domain have none.
 */
function shortNames(host: string, { namespace, domainSuffix }: Client): string[] {
  if (!host.endsWith(`.svc.${domainSuffix}`)) return [];
  const end = host.indexOf('.svc.');
  const dot = host.indexOf('.');
  if (end <= 0 || dot >= end) return [];
  const names = [host.slice(0, end), `${host.slice(0, end)}.svc`];
  if (host.slice(dot + 1, end) === namespace) names.unshift(host.slice(0, dot));
  return names;
}

/** An IPv6 address as it stands in a Host header. */
export function literalAddress(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
