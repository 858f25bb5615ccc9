/** Deployments and StatefulSets by the labels of their pods, to find those that a Service selects. */

import { hasLabels } from '../../registry/service.ts';
import type { ResourceSet } from '../../resource-set.ts';

type Labels = Readonly<Record<string, string>>;

interface Workload {
  readonly name: string;
  readonly labels: Labels;
}

export class WorkloadIndex {
  /** By namespace and one label. */
  readonly #workloads = new Map<string, Workload[]>();

  constructor({ deployments, statefulSets }: ResourceSet) {
    for (const { metadata, spec } of [...deployments, ...statefulSets]) {
      const labels = spec.template?.metadata?.labels ?? {};
      const workload = { name: metadata.name, labels };
      for (const label of Object.entries(labels)) {
        const key = keyOf(metadata.namespace, label);
        const known = this.#workloads.get(key);
        if (known === undefined) this.#workloads.set(key, [workload]);
        else known.push(workload);
      }
    }
  }

  /** Names in the order of the resources; none for a selector that asks for nothing. */
  selectedBy(namespace: string, selector: Labels): string[] {
    const [label] = Object.entries(selector);
    if (label === undefined) return [];
    const candidates = this.#workloads.get(keyOf(namespace, label)) ?? [];
    return candidates.filter(({ labels }) => hasLabels(labels, selector)).map(({ name }) => name);
  }
}

function keyOf(namespace: string, [name, value]: readonly [string, string]): string {
  return `${namespace}/${name}=${value}`;
}
