/** /api/v1/resources: what was loaded, what was found in it, and what it became. */

import type { PartStatus } from '../../config/conversion/resource-status.ts';
import type { Finding } from '../../config/finding.ts';
import { resourceLabel } from '../../config/resource.ts';
import type { LoadedResource } from '../../runtime/loaded-resources.ts';
import type { AdminEndpoint } from '../admin-endpoint.ts';
import type { RunningState } from '../running-state.ts';
import { answer, refuse } from './answers.ts';
import { findUses } from './find-uses.ts';
import type { PartInfo, ResourceDetail, ResourceList, ResourceState } from './schema/resources.ts';

export const resources: AdminEndpoint = {
  path: '/api/v1/resources',
  mutation: false,
  help: 'list the resources that were loaded, with status and findings, as JSON',
  parameters: [],
  handle: (_request, state) => {
    const byResource = findingsByResource(state);
    const list: ResourceList = {
      resources: state.resources().map((resource) => describe(resource, byResource)),
    };
    return answer(list);
  },
};

export const resource: AdminEndpoint = {
  path: '/api/v1/resources/{kind}/{namespace}/{name}',
  mutation: false,
  help: 'print one resource and what was made from it, as JSON; namespace "-" for none',
  parameters: [],
  handle: ({ variables }, state) => {
    const { kind = '', name = '' } = variables;
    const namespace = variables['namespace'] === '-' ? '' : (variables['namespace'] ?? '');
    const found = state
      .resources()
      .find((one) => isOfKind(one, kind) && one.namespace === namespace && one.name === name);
    if (found === undefined) {
      const label = resourceLabel(kind, namespace, name);
      return refuse(`no resource ${label} was loaded; /api/v1/resources lists all`, 404);
    }
    const detail: ResourceDetail = {
      ...describe(found, findingsByResource(state)),
      usedBy: findUses(state.config().mesh, found),
    };
    return answer(detail);
  },
};

/** `Gateway`, or `Gateway.gateway.networking.k8s.io` where two groups have the kind. */
function isOfKind({ kind, group }: LoadedResource, asked: string): boolean {
  return asked === kind || asked === `${kind}.${group}`;
}

type FindingsByResource = ReadonlyMap<string, Finding[]>;

/** By label, as findings name what they are about. */
function findingsByResource(state: RunningState): FindingsByResource {
  const byResource = new Map<string, Finding[]>();
  for (const finding of state.config().findings) {
    const list = byResource.get(finding.resource) ?? [];
    byResource.set(finding.resource, list);
    list.push(finding);
  }
  return byResource;
}

function describe(resource: LoadedResource, byResource: FindingsByResource): ResourceState {
  const { kind, namespace, name } = resource;
  return {
    ...resource,
    conditions: [...resource.conditions],
    parts: resource.parts.map(describePart),
    findings: byResource.get(resourceLabel(kind, namespace, name)) ?? [],
  };
}

function describePart({
  name,
  attachedRoutes,
  supportedKinds = [],
  conditions,
}: PartStatus): PartInfo {
  return {
    name,
    attachedRoutes,
    supportedKinds: [...supportedKinds],
    conditions: [...conditions],
  };
}
