/** IST0162: ports of a Gateway that no Service in front of its pods opens. */

import type { ReadResources } from '../../read-resources.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';
import {
  type PodLike,
  podsOf,
  Selectable,
  type Selector,
  selectorText,
  selects,
} from './selector.ts';

type Gateway = ReadResources['gateways'][number];

export function* gatewayPorts({ read }: AnalysisContext): Iterable<AnalyzerFinding> {
  const pods = new Selectable(podsOf(read));
  const byPods = new Map<readonly PodLike[], ReadonlySet<number>>();
  for (const resource of read.gateways) {
    const { selector = {}, servers = [] } = resource.spec;
    const chosen = pods.selectedBy(selector);
    if (chosen.length === 0) {
      yield noPods(resource, selector);
      continue;
    }
    const open = byPods.get(chosen) ?? openPorts(chosen, read.services);
    byPods.set(chosen, open);
    for (const [index, { port }] of servers.entries()) {
      if (port === undefined || open.has(port.number ?? 0)) continue;
      const list = [...open].sort((a, b) => a - b).join(', ');
      yield {
        code: istioCode.gatewayPortNotOnService,
        resource,
        path: ['spec', 'servers', index, 'port'],
        message: `no Service in front of the pods ${selectorText(selector)} opens port ${port.number}`,
        hint: list === '' ? 'no Service selects these pods' : `they open ${list}`,
      };
    }
  }
}

/** The same for every analyzer that looks for the pods of a Gateway. */
export function noPods(resource: Gateway, selector: Selector): AnalyzerFinding {
  return {
    code: istioCode.referencedResourceNotFound,
    resource,
    path: ['spec', 'selector'],
    message: `no pod has the labels ${selectorText(selector)} of the selector`,
    hint: 'correct the selector, or add the Deployment of the gateway',
  };
}

/** Services select pods of their own namespace; one without a selector selects all of them. */
function openPorts(
  pods: readonly PodLike[],
  services: ReadResources['services'],
): ReadonlySet<number> {
  const inFront = services.filter(({ metadata, spec }) =>
    pods.some(
      ({ namespace, labels }) =>
        namespace === metadata.namespace && selects(spec.selector ?? {}, labels),
    ),
  );
  const ports = inFront.flatMap(({ spec }) => spec.ports ?? []);
  const tcp = ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  return new Set(tcp.map(({ port }) => port ?? 0));
}
