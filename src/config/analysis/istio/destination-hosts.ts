/** IST0101, IST0112, IST0140: hosts and ports that VirtualServices send requests to. */

import type { ReadResources } from '../../read-resources.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';
import { destinationsOf, type NamedDestination } from './destinations.ts';
import { type KnownHost, KnownHosts } from './known-hosts.ts';
import { fullName } from './names.ts';

type VirtualService = ReadResources['virtualServices'][number];

export function* destinationHosts({ read, settings }: AnalysisContext): Iterable<AnalyzerFinding> {
  const hosts = new KnownHosts(read, settings.mesh.domainSuffix);
  const inMesh = splitInMesh(read.virtualServices);
  for (const resource of read.virtualServices) {
    const asker = { namespace: resource.metadata.namespace, exportTo: resource.spec.exportTo };
    for (const named of destinationsOf(resource)) {
      const known = hosts.find(named.destination.host ?? '', asker);
      if (known === null) yield unknownHost(resource, named, hosts);
      else yield* portFindings(resource, named, known);
    }
    yield* withoutMeshRules(resource, inMesh);
  }
}

function unknownHost(
  resource: VirtualService,
  { destination, path }: NamedDestination,
  hosts: KnownHosts,
): AnalyzerFinding {
  const host = destination.host ?? '';
  const near = host === '' ? null : hosts.near(host, resource.metadata);
  return {
    code: istioCode.referencedResourceNotFound,
    resource,
    path: [...path, 'host'],
    message:
      host === ''
        ? 'the destination names no host'
        : `no Service or ServiceEntry that this resource can see has the host ${host}`,
    hint: near === null ? null : `did you mean "${near}"?`,
  };
}

function* portFindings(
  resource: VirtualService,
  { destination, path }: NamedDestination,
  { ports }: KnownHost,
): Iterable<AnalyzerFinding> {
  const { host = '', port } = destination;
  const list = ports.join(', ');
  if (port === undefined) {
    if (ports.length < 2) return;
    yield {
      code: istioCode.destinationPortRequired,
      resource,
      path,
      message: `${host} has several ports (${list}), and the destination names none`,
      hint: 'add port.number',
    };
    return;
  }
  const { number = 0 } = port;
  if (ports.includes(number)) return;
  yield {
    code: istioCode.referencedResourceNotFound,
    resource,
    path: [...path, 'port'],
    message: `${host} has no port ${number}`,
    hint: list === '' ? 'it has no ports' : `it has ${list}`,
  };
}

/** A VirtualService that divides the requests for its own host among subsets. */
interface Split {
  readonly virtualService: string;
  readonly host: string;
}

function splitInMesh(virtualServices: readonly VirtualService[]): Split[] {
  return virtualServices.flatMap((resource) => {
    const { hosts = [], http = [] } = resource.spec;
    const targets = http.flatMap(({ route = [] }) => route);
    return targets.flatMap(({ destination = {} }) => {
      const { host = '', subset = '' } = destination;
      if (subset === '') return [];
      const virtualService = fullName(resource);
      return hosts.filter((own) => own === host).map(() => ({ virtualService, host }));
    });
  });
}

/** What a gateway sends to a host goes by the rules of the gateway alone. */
function* withoutMeshRules(
  resource: VirtualService,
  splits: readonly Split[],
): Iterable<AnalyzerFinding> {
  const { gateways = [], http = [] } = resource.spec;
  if (gateways.length === 0) return;
  for (const [rule, { route = [] }] of http.entries()) {
    for (const [index, { destination = {} }] of route.entries()) {
      if ((destination.subset ?? '') !== '') continue;
      for (const { virtualService } of splits.filter(({ host }) => host === destination.host)) {
        yield {
          code: istioCode.ingressRulesNotAffected,
          resource,
          path: ['spec', 'http', rule, 'route', index, 'destination'],
          message: `the rules of ${virtualService} do not hold for what comes through the gateway`,
          hint: 'name the subset here, too, or list the gateway there',
        };
      }
    }
  }
}
