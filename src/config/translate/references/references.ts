/**
 * Reports what resources refer to and nothing defines: gateways, hosts of DestinationRules, names
 * of workloads. Destinations have a file of their own, `destination-references.ts`.
 */

import { expandShortName, isWildcardHost } from '../../registry/host-names.ts';
import { isHttp } from '../../registry/protocol.ts';
import type { ServiceRegistry } from '../../registry/service-registry.ts';
import type { ResourceSet } from '../../resource-set.ts';
import { nearestName } from '../../schema/suggest.ts';
import type { Scope } from '../scope.ts';
import { translationCode } from '../translation-findings.ts';
import { reportConnectionRules } from './connection-references.ts';
import { reportDestinations } from './destination-references.ts';
import { HostHints } from './host-hints.ts';
import { reportIdlePorts } from './idle-ports.ts';
import { reportNamespaces } from './namespace-references.ts';
import { WorkloadIndex } from './workload-index.ts';

interface References {
  readonly scope: Scope;
  readonly registry: ServiceRegistry;
  readonly resources: ResourceSet;
}

export function reportReferences(references: References): void {
  const hints = new HostHints(references.scope);
  reportGateways(references);
  reportDestinations(references.scope, hints);
  reportConnectionRules(references.scope, references.resources.gateways);
  reportIdleRules(references, hints);
  reportWorkloads(references);
  reportNamesForDns(references);
  const { scope, resources } = references;
  reportNamespaces(scope, resources);
  reportIdlePorts(scope, resources);
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
          hint: similar === undefined ? null : `did you mean "${similar}"?`,
        },
      );
    }
  }
}

function reportIdleRules({ scope, registry, resources }: References, hints: HostHints): void {
  const { domainSuffix } = scope.settings.mesh;
  const known = new Set(registry.services.map(({ host }) => host));
  for (const resource of resources.destinationRules) {
    const { namespace } = resource.metadata;
    const host = expandShortName(resource.spec.host, namespace, domainSuffix);
    if (isWildcardHost(host) || known.has(host)) continue;
    scope.findings.add(
      translationCode.ruleForNothing,
      { resource, path: ['spec', 'host'] },
      {
        message: `no Service or ServiceEntry has the host ${host}; the rule has no effect`,
        hint: hints.for(host, namespace),
      },
    );
  }
}

function reportWorkloads({ scope, registry, resources }: References): void {
  const workloads = [...resources.deployments, ...resources.statefulSets, ...resources.pods];
  const known = workloads.map(({ metadata }) => metadata.name);
  for (const name of registry.unknownWorkloads) {
    const near = nearestName(name, known);
    const owner = resources.bootstraps.find(({ spec }) =>
      Object.hasOwn(spec.workloads ?? {}, name),
    );
    scope.findings.add(
      translationCode.unknownWorkload,
      { resource: owner ?? null, path: owner === undefined ? [] : ['spec', 'workloads', name] },
      {
        message: `no Deployment, StatefulSet or Pod has the name ${name} of the workloads map`,
        hint: near === null ? null : `did you mean "${near}"?`,
      },
    );
  }
}

function reportNamesForDns({ scope, resources }: References): void {
  const workloads = new WorkloadIndex(resources);
  for (const resource of resources.services) {
    const { name, namespace } = resource.metadata;
    const host = expandShortName(name, namespace, scope.settings.mesh.domainSuffix);
    const service = scope.servicesByHost.get(host);
    if (service?.source !== 'Service' || service.discovery !== 'strict-dns') continue;
    if (service.external || !service.ports.some(({ protocol }) => isHttp(protocol))) continue;
    scope.findings.add(
      translationCode.resolvedByDns,
      { resource, path: [] },
      {
        message: `nothing tells the endpoints of ${host}; its name is resolved by DNS`,
        hint: workloadHint(workloads.selectedBy(namespace, resource.spec.selector ?? {})),
      },
    );
  }
}

/** So many are named in a hint. */
const maxNames = 3;

function workloadHint(names: readonly string[]): string {
  const shown = names.length === 0 ? ['NAME'] : names.slice(0, maxNames);
  const flags = shown.map((name) => `--workload ${name}=IP:PORT`).join(' ');
  const more = names.length > maxNames ? ' and so on' : '';
  return `say where its workloads listen: ${flags}${more}, or workloads in a Bootstrap`;
}
