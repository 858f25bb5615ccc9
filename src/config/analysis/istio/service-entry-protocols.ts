/** IST0177: ServiceEntries that give one port of a host different protocols. */

import type { ReadResources } from '../../read-resources.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';
import { exportScopes, fullName } from './names.ts';

type ServiceEntry = ReadResources['serviceEntries'][number];

/** One port of one host as a namespace sees it. */
interface Entry {
  readonly scope: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
  readonly resource: ServiceEntry;
}

export function* serviceEntryProtocols({ read }: AnalysisContext): Iterable<AnalyzerFinding> {
  const index = new Map<string, Entry[]>();
  for (const entry of read.serviceEntries.flatMap(entriesOf)) {
    const key = keyOf(entry.scope, entry);
    index.set(key, [...(index.get(key) ?? []), entry]);
  }
  const reported = new Set<ServiceEntry>();
  for (const [first] of [...index.values()]) {
    if (first === undefined) continue;
    const seen = index.get(keyOf(first.scope, first)) ?? [];
    const entries = first.scope === '*' ? seen : [...seen, ...(index.get(keyOf('*', first)) ?? [])];
    const protocols = [...new Set(entries.map(({ protocol }) => protocol))].sort();
    if (protocols.length < 2) continue;
    for (const { resource } of entries) {
      if (reported.has(resource)) continue;
      reported.add(resource);
      yield conflict(first, resource, { entries, protocols });
    }
  }
}

function entriesOf(resource: ServiceEntry): Entry[] {
  const { exportTo, hosts = [], ports = [] } = resource.spec;
  const scopes = exportScopes(exportTo, resource.metadata.namespace);
  return [...scopes].flatMap((scope) =>
    hosts.flatMap((host) =>
      ports.map(({ number = 0, protocol = '' }) => ({
        scope,
        host,
        port: number,
        protocol: protocol.toUpperCase(),
        resource,
      })),
    ),
  );
}

function keyOf(scope: string, { host, port }: Entry): string {
  return `${scope}/${host}:${port}`;
}

function conflict(
  { host, port }: Entry,
  resource: ServiceEntry,
  seen: { readonly entries: readonly Entry[]; readonly protocols: readonly string[] },
): AnalyzerFinding {
  const names = [...new Set(seen.entries.map((entry) => fullName(entry.resource)))].sort();
  const index = (resource.spec.ports ?? []).findIndex(({ number }) => number === port);
  return {
    code: istioCode.conflictingServiceEntryProtocol,
    resource,
    path: ['spec', 'ports', index],
    message:
      `port ${port} of ${host} is ${seen.protocols.map((name) => name || 'undeclared').join(' and ')}` +
      ` in ${names.join(', ')}`,
    hint: 'give the port one protocol everywhere, or export the entries to different namespaces',
  };
}
