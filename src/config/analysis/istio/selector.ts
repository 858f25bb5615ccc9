/** Labels that select pods, as Istio's analyzers look at them. */

import type { ReadResources } from '../../read-resources.ts';
import type { ResourceMetadata } from '../../resource.ts';

/** Labels of a rule; a rule that was refused may have some without a value. */
export type Selector = Readonly<Record<string, string | undefined>>;

/** A pod, or what the pods of a Deployment or StatefulSet will be. */
export interface PodLike {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Selector;
  readonly annotations: Selector;
  readonly node: string;
}

/** Istio sees pods that run; files mostly hold what makes them. */
export function podsOf(read: ReadResources): PodLike[] {
  const pods = read.pods.map(({ metadata, spec }) => ({
    ...podName(metadata),
    labels: metadata.labels,
    annotations: metadata.annotations,
    node: spec.nodeName ?? '',
  }));
  const controllers = [...read.deployments, ...read.statefulSets].map(({ metadata, spec }) => ({
    ...podName(metadata),
    labels: spec.template?.metadata?.labels ?? {},
    annotations: spec.template?.metadata?.annotations ?? {},
    node: '',
  }));
  return [...pods, ...controllers];
}

function podName({ name, namespace }: ResourceMetadata): Pick<PodLike, 'name' | 'namespace'> {
  return { name, namespace };
}

/** An empty selector selects everything. */
export function selects(selector: Selector, labels: Selector): boolean {
  for (const name in selector) if (labels[name] !== selector[name]) return false;
  return true;
}

/** What has labels, found by selectors; each selector is looked for once. */
export class Selectable<Item extends { readonly labels: Selector }> {
  readonly #items: readonly Item[];
  readonly #byLabel = new Map<string, Item[]>();
  readonly #found = new Map<string, readonly Item[]>();

  constructor(items: readonly Item[]) {
    this.#items = items;
    for (const item of items) {
      for (const [name, value] of Object.entries(item.labels)) {
        const key = `${name}=${value}`;
        const others = this.#byLabel.get(key);
        if (others === undefined) this.#byLabel.set(key, [item]);
        else others.push(item);
      }
    }
  }

  selectedBy(selector: Selector): readonly Item[] {
    const text = selectorText(selector);
    const known = this.#found.get(text);
    if (known !== undefined) return known;
    const candidates = Object.entries(selector).map(
      ([name, value]) => this.#byLabel.get(`${name}=${value}`) ?? [],
    );
    const [fewest = this.#items] = candidates.sort((a, b) => a.length - b.length);
    const found = fewest.filter(({ labels }) => selects(selector, labels));
    this.#found.set(text, found);
    return found;
  }
}

/** `app=web,tier=front`, by name. */
export function selectorText(selector: Selector): string {
  const entries = Object.entries(selector).map(([name, value]) => `${name}=${value}`);
  return entries.sort().join(',');
}
