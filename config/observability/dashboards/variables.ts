/** Variables that several dashboards have. */

import type { Variable } from './dashboard.ts';

/** Each request is told by both ends where both have a proxy: one of them is looked at. */
export const reporterVariable: Variable = {
  name: 'reporter',
  label: 'Reported by',
  values: ['source', 'destination'],
};

/** Every workload, whether it only asks (a gateway) or only answers. */
export const workloadVariables: readonly Variable[] = [
  {
    name: 'namespace',
    label: 'Namespace',
    values: eitherEnd('namespace', 'workload_namespace', ''),
    regex: '/namespace="([^"]+)"/',
  },
  {
    name: 'workload',
    label: 'Workload',
    values: eitherEnd('workload', 'workload', 'workload_namespace=~"$namespace"'),
    regex: '/workload="([^"]+)"/',
  },
];

/** The values that `source_<label>` and `destination_<label>` have, as one label. */
function eitherEnd(name: string, label: string, matcher: string): string {
  const ends = ['source', 'destination'].map((end) => {
    const selector = matcher === '' ? '' : `{${end}_${matcher}}`;
    const metric = `istio_requests_total${selector}`;
    return `label_replace(${metric}, "${name}", "$1", "${end}_${label}", "(.*)")`;
  });
  return `query_result(group by (${name}) (${ends.join(' or ')}))`;
}
