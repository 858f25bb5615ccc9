/** GET /api/v1/resources and /api/v1/config: what was loaded, what was found in it, and what it became. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { count, flag, instant, named, nullable, text, textList } from './fields.ts';

export type FindingInfo = Static<typeof FindingInfo>;
export const FindingInfo = named('Finding', 'Something that loading the configuration found.', {
  code: text('`IST0101`, `SLC0001`: see docs/messages.md.'),
  severity: Type.Enum(['error', 'warning', 'info'], { description: 'How bad it is.' }),
  message: text('What is wrong.'),
  hint: nullable(text('What to do; null where there is nothing to add.')),
  file: text('File as it was given.'),
  line: count('From 1; 0 where it is about a whole file.'),
  column: count('From 1.'),
  path: text('Path within the resource, for example `spec.http[0].route[1].weight`.'),
  resource: text('`VirtualService default/reviews`; empty where no resource could be read.'),
});

export type ConfigReport = Static<typeof ConfigReport>;
export const ConfigReport = named('ConfigReport', 'What the last load found.', {
  version: count('Counts the configurations that were published, from 1; 0 before the first.'),
  published: nullable(instant('When it was published; null before the first.')),
  lastLoadOk: flag('Everything of the last load could be applied.'),
  rejected: textList('Resources that could not be used, as `VirtualService default/reviews`.'),
  findings: Type.Array(FindingInfo),
});

export type ConditionInfo = Static<typeof ConditionInfo>;
export const ConditionInfo = named('Condition', 'A status condition of the Gateway API.', {
  type: text('`Accepted`, `Programmed`, `ResolvedRefs`, `Conflicted` and so on.'),
  status: Type.Enum(['True', 'False', 'Unknown'], { description: 'Whether it holds.' }),
  reason: text('One word that the specification has for it.'),
  message: text('The same for people.'),
});

export type PartInfo = Static<typeof PartInfo>;
export const PartInfo = named('Part', 'A part of a resource that has conditions of its own.', {
  name: text(
    'Name of the listener of a Gateway; of a parent of a route or an ancestor of a policy ' +
      '`namespace/name`, with `:port` and `/section` where it names them.',
  ),
  attachedRoutes: nullable(count('Routes that are attached to the listener; else null.')),
  supportedKinds: textList('Kinds of routes that may attach to the listener.'),
  conditions: Type.Array(ConditionInfo),
});

const resourceFields = {
  kind: text('For example `VirtualService`.'),
  group: text('API group of the kind, `networking.istio.io`; empty for those of Kubernetes.'),
  namespace: text('Empty for kinds without.'),
  name: text('Its name.'),
  file: text('File that it came from; empty where a refused one has no finding that names it.'),
  line: count('Where it begins, from 1; 0 if it is not known.'),
  status: Type.Enum(['accepted', 'rejected', 'kept'], {
    description:
      '`rejected` has an error and is not used; `kept` has one, and its last good version is used.',
  }),
  conditions: Type.Array(ConditionInfo, {
    description: 'Of the Gateway API, for the whole resource; empty for other kinds.',
  }),
  parts: Type.Array(PartInfo, {
    description: 'Listeners of a Gateway, parents of a route, ancestors of a policy.',
  }),
  findings: Type.Array(FindingInfo, { description: 'Of the last load, about this resource.' }),
};

export type ResourceState = Static<typeof ResourceState>;
export const ResourceState = named('ResourceState', 'A resource that was loaded.', resourceFields);

export type ResourceList = Static<typeof ResourceList>;
export const ResourceList = named('ResourceList', 'Every resource, in the order of files.', {
  resources: Type.Array(ResourceState),
});

export type ResourceUse = Static<typeof ResourceUse>;
export const ResourceUse = named('ResourceUse', 'An object that was made from a resource.', {
  kind: Type.Enum(['listener', 'filter-chain', 'virtual-host', 'route', 'cluster'], {
    description: 'What it is.',
  }),
  name: text('Its name; of a route with its virtual host: `reviews.default:9080/canary`.'),
  within: text('Listener of a filter chain, route table of a virtual host or route; else empty.'),
  line: count('Line of the part that made it; 0 if it is not known.'),
});

export type ResourceDetail = Static<typeof ResourceDetail>;
export const ResourceDetail = named('ResourceDetail', 'One resource, and what it became.', {
  ...resourceFields,
  usedBy: Type.Array(ResourceUse, { description: 'What the proxy runs that was made from it.' }),
});
