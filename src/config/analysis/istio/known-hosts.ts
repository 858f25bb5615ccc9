/** Hosts that Services and ServiceEntries define, and who sees them: Istio's host map. */

import type { ReadResources } from '../../read-resources.ts';
import { expandShortName, isHostWithin, isWildcardHost } from '../../registry/host-names.ts';
import { writtenExportTo } from '../../registry/kubernetes-services.ts';
import { nearestName } from '../../schema/suggest.ts';
import type { Selector } from './selector.ts';

export interface KnownHost {
  readonly host: string;
  /** A namespace, or `*`. */
  readonly scope: string;
  readonly ports: readonly number[];
  /** workloadSelector of a ServiceEntry. */
  readonly selector: Selector;
  /** Labels of endpoints that a ServiceEntry lists. */
  readonly endpointLabels: readonly Selector[];
}

/** Who asks for a host. */
interface Asker {
  readonly namespace: string;
  /** Whom the resource that asks is for, too. */
  readonly exportTo?: readonly string[] | undefined;
}

/** Among more hosts than these a misspelt name is not looked for: every pair is compared. */
const maxCompared = 500;

export class KnownHosts {
  readonly #domainSuffix: string;
  readonly #hosts = new Map<string, KnownHost>();
  readonly #wildcards: KnownHost[] = [];
  /** Of all of them, each once. */
  readonly #names = new Set<string>();

  constructor(read: ReadResources, domainSuffix: string) {
    this.#domainSuffix = domainSuffix;
    for (const { metadata, spec } of read.serviceEntries) {
      const known = {
        ports: (spec.ports ?? []).map(({ number }) => number ?? 0),
        selector: spec.workloadSelector?.labels ?? {},
        endpointLabels: (spec.endpoints ?? []).map(({ labels = {} }) => labels),
      };
      for (const scope of scopesOf(spec.exportTo, metadata.namespace)) {
        for (const host of spec.hosts ?? []) this.#add({ ...known, host, scope }, metadata);
      }
    }
    for (const service of read.services) {
      const { metadata, spec } = service;
      const ports = (spec.ports ?? []).map(({ port }) => port ?? 0);
      const known = { host: metadata.name, ports, selector: {}, endpointLabels: [] };
      for (const scope of scopesOf(writtenExportTo(service), metadata.namespace)) {
        this.#add({ ...known, scope }, metadata);
      }
    }
  }

  /** null where nobody defines it for the asker; a wildcard is found where one covers it. */
  find(name: string, { namespace, exportTo = [] }: Asker): KnownHost | null {
    const host = expandShortName(name, namespace, this.#domainSuffix);
    const own = exportTo.length === 0 ? ['.'] : exportTo;
    for (const scope of ['*', ...own.map((entry) => (entry === '.' ? namespace : entry))]) {
      const known = this.#hosts.get(`${scope}/${host}`);
      if (known !== undefined) return known;
    }
    const isSeen = ({ scope }: KnownHost) => scope === '*' || scope === namespace;
    return this.#wildcards.find((known) => isSeen(known) && isHostWithin(host, known.host)) ?? null;
  }

  /** What a name that is not found was probably meant to be, as short as the name itself. */
  near(name: string, { namespace }: Asker): string | null {
    const suffix = `.svc.${this.#domainSuffix}`;
    const hosts = this.#names;
    // It is there, but for others: no other name helps.
    if (hosts.has(expandShortName(name, namespace, this.#domainSuffix))) return null;
    // `reviews.prod` is a name of its own for Istio, and no short form.
    const full = `${name}${suffix}`;
    if (hosts.has(full)) return full;
    const elsewhere = [...hosts].find(
      (host) => host.startsWith(`${name}.`) && host.endsWith(suffix),
    );
    if (elsewhere !== undefined) return elsewhere;
    if (hosts.size > maxCompared) return null;
    const own = `.${namespace}${suffix}`;
    const candidates = name.includes('.')
      ? [...hosts]
      : [...hosts].filter((host) => host.endsWith(own)).map((host) => host.slice(0, -own.length));
    return nearestName(name, candidates);
  }

  /** Whether a wildcard covers any host. */
  coversAny(pattern: string): boolean {
    return [...this.#hosts.values()].some(({ host }) => isHostWithin(host, pattern));
  }

  #add(known: KnownHost, { namespace }: { readonly namespace: string }): void {
    const host = expandShortName(known.host, namespace, this.#domainSuffix);
    const complete = { ...known, host };
    this.#hosts.set(`${known.scope}/${host}`, complete);
    this.#names.add(host);
    if (isWildcardHost(host)) this.#wildcards.push(complete);
  }
}

/** No entry stands for all namespaces. */
function scopesOf(exportTo: readonly string[] | undefined, namespace: string): readonly string[] {
  if (exportTo === undefined || exportTo.length === 0) return ['*'];
  return exportTo.map((entry) => (entry === '.' ? namespace : entry));
}
