/** IST0173, IST0174: DestinationRules for hosts that nobody defines, and subsets without pods. */

import type { ReadResources } from '../../read-resources.ts';
import { isWildcardHost } from '../../registry/host-names.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';
import { type KnownHost, KnownHosts } from './known-hosts.ts';
import { podsOf, Selectable, type Selector, selects } from './selector.ts';

export function* subsetPods({ read, settings }: AnalysisContext): Iterable<AnalyzerFinding> {
  const hosts = new KnownHosts(read, settings.mesh.domainSuffix);
  const workloads = new Selectable(workloadLabels(read));
  for (const resource of read.destinationRules) {
    const { host = '', exportTo, subsets = [] } = resource.spec;
    const known = hosts.find(host, { namespace: resource.metadata.namespace, exportTo });
    if (known === null) {
      if (isWildcardHost(host) && hosts.coversAny(host)) continue;
      yield {
        code: istioCode.unknownRuleHost,
        resource,
        path: ['spec', 'host'],
        message: `no Service or ServiceEntry has the host ${host}; the rule has no effect`,
        hint: null,
      };
      continue;
    }
    for (const [index, { name = '', labels = {} }] of subsets.entries()) {
      if (hasWorkload(known, labels, workloads)) continue;
      yield {
        code: istioCode.subsetWithoutPods,
        resource,
        path: ['spec', 'subsets', index],
        message: `no pod has the labels of the subset "${name}"`,
        hint: 'labels are those of the pods: spec.template.metadata.labels of a Deployment',
      };
    }
  }
}

function hasWorkload(known: KnownHost, labels: Selector, workloads: Selectable<Workload>): boolean {
  if (known.endpointLabels.some((own) => selects(labels, own))) return true;
  return workloads.selectedBy({ ...known.selector, ...labels }).length > 0;
}

interface Workload {
  readonly labels: Selector;
}

const topologyLabels = [
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
];

/** With the labels of its node, which Istio gives to each pod. */
function workloadLabels(read: ReadResources): Workload[] {
  const nodes = new Map(
    read.others
      .filter(({ kind, apiVersion }) => kind === 'Node' && apiVersion === 'v1')
      .map(({ metadata }) => [metadata.name, metadata.labels]),
  );
  const pods = podsOf(read).map(({ labels, node }) => {
    const own = nodes.get(node);
    if (own === undefined) return { labels };
    const topology = topologyLabels.flatMap((name) => (name in own ? [[name, own[name]]] : []));
    const place = { ...Object.fromEntries(topology), 'kubernetes.io/hostname': node };
    return { labels: { ...labels, ...place } };
  });
  return [...pods, ...read.workloadEntries.map(({ spec }) => ({ labels: spec.labels ?? {} }))];
}
