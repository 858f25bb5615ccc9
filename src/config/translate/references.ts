/**
 * Reports what resources refer to and nothing defines: gateways, destinations, subsets, workloads.
 * Requests to such destinations get 503; here the user hears of it before.
 */

import { expandShortName } from '../registry/host-names.ts';
import { isHttp } from '../registry/protocol.ts';
import type { ServiceRegistry } from '../registry/service-registry.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { Destination } from '../schema/virtual-service.ts';
import { findService, type Scope } from './scope.ts';
import { translationCode } from './translation-findings.ts';
import type { HttpRule } from './virtual-services.ts';

interface References {
  readonly scope: Scope;
  readonly registry: ServiceRegistry;
  readonly resources: ResourceSet;
}

export function reportReferences(references: References): void {
  reportGateways(references);
  reportDestinations(references.scope);
  reportIdleRules(references);
  reportWorkloads(references);
  reportNamesForDns(references);
}

function reportGateways({ scope, resources }: References): void {
  const known = new Set(
    resources.gateways.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
  );
  for (const { resource, gateways } of scope.virtualServices) {
    for (const [index, gateway] of gateways.entries()) {
      if (gateway === 'mesh' || known.has(gateway)) continue;
      const [, name] = gateway.split('/');
      const similar = [...known].find((other) => other.endsWith(`/${name}`));
      scope.findings.add(
        translationCode.unknownGateway,
        { resource, path: ['spec', 'gateways', index] },
        {
          message: `there is no Gateway ${gateway}; the rules are not served there`,
          ...(similar === undefined ? {} : { hint: `did you mean "${similar}"?` }),
        },
      );
    }
  }
}

function reportDestinations(scope: Scope): void {
  for (const { rules } of scope.virtualServices) {
    for (const rule of rules) {
      for (const [index, { destination }] of (rule.spec.route ?? []).entries()) {
        reportDestination(scope, rule, { destination, path: ['route', index, 'destination'] });
      }
      const { mirror, mirrors = [] } = rule.spec;
      if (mirror !== undefined) {
        reportDestination(scope, rule, { destination: mirror, path: ['mirror'] });
      }
      for (const [index, { destination }] of mirrors.entries()) {
        reportDestination(scope, rule, { destination, path: ['mirrors', index, 'destination'] });
      }
    }
  }
}

interface DestinationPlace {
  readonly destination: Destination;
  readonly path: readonly (string | number)[];
}

function reportDestination(scope: Scope, rule: HttpRule, place: DestinationPlace): void {
  const { destination } = place;
  const { resource } = rule;
  const path = [...rule.path, ...place.path];
  const service = findService(scope, destination.host);
  if (service === null) {
    const hint = hostHint(scope, destination.host, resource.metadata.namespace);
    scope.findings.add(
      translationCode.unknownDestination,
      { resource, path: [...path, 'host'] },
      {
        message: `no Service or ServiceEntry has the host ${destination.host}; requests to it are answered with 503`,
        ...(hint === null ? {} : { hint }),
      },
    );
    return;
  }
  const port = destination.port?.number ?? 0;
  if (port !== 0 && !service.ports.some(({ number }) => number === port)) {
    const ports = service.ports.map(({ number }) => number).join(', ');
    scope.findings.add(
      translationCode.unknownDestinationPort,
      { resource, path: [...path, 'port'] },
      {
        message: `${service.host} has no port ${port}; requests to it are answered with 503`,
        hint: ports === '' ? 'it has no ports' : `it has ${ports}`,
      },
    );
  }
  const subset = destination.subset ?? '';
  const rules = scope.destinationRules.for(service);
  if (subset === '' || rules?.subsets.has(subset) === true) return;
  const names = [...(rules?.subsets.keys() ?? [])].join(', ');
  scope.findings.add(
    translationCode.unknownSubset,
    { resource, path: [...path, 'subset'] },
    {
      message: `no DestinationRule for ${service.host} has a subset "${subset}"; requests to it are answered with 503`,
      hint: names === '' ? 'there is no subset of this host' : `there are ${names}`,
    },
  );
}

/** `reviews.prod` is a name of its own for Istio, and no short form. */
function hostHint(scope: Scope, host: string, namespace: string): string | null {
  const { domainSuffix } = scope.settings.mesh;
  const full = `${host}.svc.${domainSuffix}`;
  if (scope.servicesByHost.get(full) !== undefined) return `did you mean "${full}"?`;
  const [name = ''] = host.split('.');
  const local = expandShortName(name, namespace, domainSuffix);
  if (scope.servicesByHost.get(local) !== undefined) return `did you mean "${name}"?`;
  const elsewhere = scope.services.find((service) => service.name === name);
  return elsewhere === undefined ? null : `did you mean "${elsewhere.host}"?`;
}

function reportIdleRules({ scope, registry, resources }: References): void {
  const { domainSuffix } = scope.settings.mesh;
  const known = new Set(registry.services.map(({ host }) => host));
  for (const resource of resources.destinationRules) {
    const host = expandShortName(resource.spec.host, resource.metadata.namespace, domainSuffix);
    if (host.includes('*') || known.has(host)) continue;
    const hint = hostHint(scope, host, resource.metadata.namespace);
    scope.findings.add(
      translationCode.ruleForNothing,
      { resource, path: ['spec', 'host'] },
      {
        message: `no Service or ServiceEntry has the host ${host}; the rule has no effect`,
        ...(hint === null ? {} : { hint }),
      },
    );
  }
}

function reportWorkloads({ scope, registry, resources }: References): void {
  const bootstraps: readonly Resource<string, { readonly workloads?: object }>[] =
    resources.bootstraps;
  for (const name of registry.unknownWorkloads) {
    const owner = bootstraps.find(({ spec }) => Object.hasOwn(spec.workloads ?? {}, name));
    scope.findings.add(
      translationCode.unknownWorkload,
      { resource: owner ?? null, path: owner === undefined ? [] : ['spec', 'workloads', name] },
      { message: `no Deployment, StatefulSet or Pod has the name ${name} of the workloads map` },
    );
  }
}

function reportNamesForDns({ scope, resources }: References): void {
  const byPlace = new Map(
    resources.services.map((resource) => [
      `${resource.metadata.namespace}/${resource.metadata.name}`,
      resource,
    ]),
  );
  for (const service of scope.services) {
    const isGuess =
      service.source === 'Service' && service.discovery === 'strict-dns' && !service.external;
    const resource = byPlace.get(`${service.namespace}/${service.name}`);
    if (!isGuess || resource === undefined) continue;
    if (!service.ports.some(({ protocol }) => isHttp(protocol))) continue;
    scope.findings.add(
      translationCode.resolvedByDns,
      { resource, path: [] },
      {
        message: `nothing tells the endpoints of ${service.host}; its name is resolved by DNS`,
        hint: 'say where its workloads listen: --workload NAME=ADDRESS:PORT, or workloads in a Bootstrap',
      },
    );
  }
}
