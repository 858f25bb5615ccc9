/**
 * KIA1004: egress hosts of a Sidecar that nothing in the namespace has. A namespace that nothing is
 * in is told when the configuration is translated.
 */

import type { Path } from '../../problem.ts';
import { expandShortName, hostsOverlap } from '../../registry/host-names.ts';
import { knownNamespaces } from '../../registry/known-namespaces.ts';
import { nearestName } from '../../schema/suggest.ts';
import type { Sidecar } from '../../translate/istio-resources.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { kialiCode } from '../kiali-code.ts';

export function* egressHosts(context: AnalysisContext): Iterable<AnalyzerFinding> {
  const { sidecars } = context.resources;
  if (sidecars.length === 0) return;
  const known = knownNamespaces(context.read, context.settings);
  const hosts = hostsByNamespace(context);
  const all = [...hosts.values()].flat();
  for (const resource of sidecars) {
    for (const { namespace, host, path } of importsOf(resource)) {
      if (namespace !== '*' && !known.has(namespace)) continue;
      const there = namespace === '*' ? all : (hosts.get(namespace) ?? []);
      if (there.some((other) => hostsOverlap(other, host))) continue;
      const near = similarHost(host, there);
      const where = namespace === '*' ? '' : ` in ${namespace}`;
      yield {
        code: kialiCode.unknownEgressHost,
        resource,
        path,
        message: `nothing${where} has the host ${host}; this imports nothing`,
        hint: near === null ? null : `did you mean "${near}"?`,
      };
    }
  }
}

/** One that differs in the first part of the name: the rest is mostly that of all. */
function similarHost(host: string, others: readonly string[]): string | null {
  const dot = host.indexOf('.');
  if (dot === -1) return null;
  const rest = host.slice(dot);
  const alike = others.filter((other) => other.endsWith(rest));
  const near = nearestName(
    host.slice(0, dot),
    alike.map((other) => other.slice(0, -rest.length)),
  );
  return near === null ? null : `${near}${rest}`;
}

interface Import {
  readonly namespace: string;
  readonly host: string;
  readonly path: Path;
}

/** Those of one host; what takes out again is not looked at. */
function* importsOf({ spec, metadata }: Sidecar): Iterable<Import> {
  for (const [index, { hosts = [] }] of (spec.egress ?? []).entries()) {
    for (const [position, text] of hosts.entries()) {
      const slash = text.indexOf('/');
      const host = text.slice(slash + 1);
      if (text.startsWith('~') || slash === -1 || host === '*') continue;
      const written = text.slice(0, slash);
      const namespace = written === '.' ? metadata.namespace : written;
      yield { namespace, host, path: ['spec', 'egress', index, 'hosts', position] };
    }
  }
}

/** Of Services, ServiceEntries and VirtualServices. */
function hostsByNamespace({ read, settings }: AnalysisContext): Map<string, string[]> {
  const byNamespace = new Map<string, string[]>();
  const add = (host: string, namespace: string): void => {
    const full = expandShortName(host, namespace, settings.mesh.domainSuffix);
    const others = byNamespace.get(namespace);
    if (others === undefined) byNamespace.set(namespace, [full]);
    else others.push(full);
  };
  for (const { metadata } of read.services) add(metadata.name, metadata.namespace);
  for (const { metadata, spec } of [...read.serviceEntries, ...read.virtualServices]) {
    for (const host of spec.hosts ?? []) add(host, metadata.namespace);
  }
  return byNamespace;
}
