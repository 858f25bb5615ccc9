/** A VirtualService made of the rules that several routes have for one host. */

import type { Path } from '../../problem.ts';
import type { VirtualService } from '../../translate/istio-resources.ts';
import { madeResource } from '../made-resource.ts';
import type { MadeRule, RouteResource } from './made-rule.ts';
import { inPrecedence } from './precedence.ts';

export interface HostRules {
  /** `mesh`, or `namespace/name` of an Istio Gateway. */
  readonly gateway: string;
  readonly host: string;
  /** By age of their routes. */
  readonly rules: readonly [MadeRule, ...MadeRule[]];
  /** Unique among those of the namespace of the first route. */
  readonly name: string;
  readonly exportTo: readonly string[];
}

export function ruleVirtualService(made: HostRules): VirtualService {
  const rules = inPrecedence(made.rules);
  const ruleAt = ([, field, index]: Path): MadeRule | undefined =>
    field === 'http' && typeof index === 'number' ? rules[index] : undefined;
  const from = made.rules[0].resource;
  return madeResource({
    kind: 'VirtualService',
    name: made.name,
    from,
    spec: {
      hosts: [made.host],
      gateways: [made.gateway],
      http: rules.map(({ spec }) => spec),
      exportTo: [...made.exportTo],
    },
    pathOf: (path) => ruleAt(path)?.places.of(path.slice(3)) ?? specPath(path),
    resourceOf: (path): RouteResource => ruleAt(path)?.resource ?? from,
  });
}

function specPath([root, field]: Path): Path {
  if (root !== 'spec') return [];
  if (field === 'hosts') return ['spec', 'hostnames'];
  return field === 'gateways' ? ['spec', 'parentRefs'] : ['spec'];
}
