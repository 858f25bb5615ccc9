/** IST0145: several Gateways of the same pods with one host on one port. */

import type { ReadResources } from '../../read-resources.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';
import { fullName } from './names.ts';
import {
  type PodLike,
  podsOf,
  Selectable,
  type Selector,
  selectorText,
  selects,
} from './selector.ts';

type Gateway = ReadResources['gateways'][number];

/** What one Gateway serves on a port: the address of each host. */
interface Served {
  readonly gateway: string;
  readonly selector: Selector;
  readonly binds: ReadonlyMap<string, string>;
}

export function* conflictingGateways({ read }: AnalysisContext): Iterable<AnalyzerFinding> {
  const pods = new Selectable(podsOf(read));
  const byPort = servedByPort(read.gateways);
  for (const resource of read.gateways) {
    const { selector = {}, servers = [] } = resource.spec;
    const own = fullName(resource);
    for (const [index, { hosts = [], bind = '', port }] of servers.entries()) {
      const others = (byPort.get(port?.number ?? 0) ?? []).filter(
        ({ gateway, binds, selector: other }) =>
          gateway !== own &&
          hosts.some((host) => binds.get(host) === bind) &&
          havePodsInCommon(selector, other, pods),
      );
      if (others.length === 0) continue;
      const names = [...new Set(others.map(({ gateway }) => gateway))].sort().join(', ');
      yield {
        code: istioCode.conflictingGateways,
        resource,
        path: ['spec', 'servers', index],
        message: `${names} has the same port ${port?.number ?? 0} and a host of ${hosts.join(', ')}, too`,
        hint: 'give each host of a port to one Gateway only',
      };
    }
  }
}

/** Of several servers of a Gateway on one port the last counts, as in Istio. */
function servedByPort(gateways: readonly Gateway[]): ReadonlyMap<number, readonly Served[]> {
  const result = new Map<number, Served[]>();
  for (const resource of gateways) {
    const gateway = fullName(resource);
    const { selector = {}, servers = [] } = resource.spec;
    for (const { hosts = [], bind = '', port } of servers) {
      const number = port?.number ?? 0;
      const others = (result.get(number) ?? []).filter((served) => served.gateway !== gateway);
      const binds = new Map(hosts.map((host) => [host, bind]));
      result.set(number, [...others, { gateway, selector, binds }]);
    }
  }
  return result;
}

/** Where one selector is a part of the other, a pod must show that both select it. */
function havePodsInCommon(a: Selector, b: Selector, pods: Selectable<PodLike>): boolean {
  const texts = [selectorText(a), selectorText(b)] as const;
  if (texts[0] === texts[1]) return true;
  if (!texts[0].includes(texts[1]) && !texts[1].includes(texts[0])) return false;
  return pods.selectedBy(a).some(({ labels }) => selects(b, labels));
}
