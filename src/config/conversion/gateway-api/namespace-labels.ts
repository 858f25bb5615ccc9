/** Labels of namespaces, and selectors over labels. */

import { hasLabels } from '../../registry/service.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { KubernetesLabelSelector } from '../../schema/gateway-api/references.ts';

type Labels = Readonly<Record<string, string>>;

/** Kubernetes gives it to every namespace. */
const nameLabel = 'kubernetes.io/metadata.name';

export class NamespaceLabels {
  readonly #labels: ReadonlyMap<string, Labels>;

  constructor(namespaces: ResourceSet['namespaces']) {
    this.#labels = new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels]));
  }

  /** Of a namespace that stands in no file only its name is known. */
  of(namespace: string): Labels {
    return { ...this.#labels.get(namespace), [nameLabel]: namespace };
  }
}

/** A selector that asks for nothing selects everything. */
export function selects(selector: KubernetesLabelSelector, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    hasLabels(labels, matchLabels) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        default:
          return value === undefined;
      }
    })
  );
}
