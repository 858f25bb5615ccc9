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
    const all = state.resources();
    const byResource = findingsByResource(all, state);
    const list: ResourceList = {
      resources: all.map((resource) => describe(resource, byResource)),
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
    const all = state.resources();
    const found = all.find(
      (one) => isOfKind(one, kind) && one.namespace === namespace && one.name === name,
    );
    if (found === undefined) {
      const label = resourceLabel(kind, namespace, name);
      return refuse(`no resource ${label} was loaded; /api/v1/resources lists all`, 404);
    }
    const detail: ResourceDetail = {
      ...describe(found, findingsByResource(all, state)),
      usedBy: findUses(state.config().mesh, found),
    };
    return answer(detail);
  },
};

/** `Gateway`, or `Gateway.gateway.networking.k8s.io` where two groups have the kind. */
function isOfKind({ kind, group }: LoadedResource, asked: string): boolean {
  return asked === kind || asked === `${kind}.${group}`;
}

type FindingsByResource = ReadonlyMap<LoadedResource, readonly Finding[]>;

/** Findings name what they are about by its label, which two kinds of Gateways may share. */
function findingsByResource(
  all: readonly LoadedResource[],
  state: RunningState,
): FindingsByResource {
  const byLabel = Map.groupBy(all, labelOf);
  const byResource = new Map<LoadedResource, Finding[]>();
  for (const finding of state.config().findings) {
    const owner = ownerOf(finding, byLabel.get(finding.resource) ?? []);
    if (owner === undefined) continue;
    const list = byResource.get(owner) ?? [];
    byResource.set(owner, list);
    list.push(finding);
  }
  return byResource;
}

function labelOf({ kind, namespace, name }: LoadedResource): string {
  return resourceLabel(kind, namespace, name);
}

/** Of several that in whose lines it is: they are in the order of files and lines. */
function ownerOf(
  { file, line }: Finding,
  named: readonly LoadedResource[],
): LoadedResource | undefined {
  return named.findLast((one) => one.file === file && one.line <= line) ?? named[0];
}

function describe(resource: LoadedResource, byResource: FindingsByResource): ResourceState {
  return {
    ...resource,
    conditions: [...resource.conditions],
    parts: resource.parts.map(describePart),
    findings: [...(byResource.get(resource) ?? [])],
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
