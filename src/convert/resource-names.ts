/** Names of the resources that are written: short, and each once. */

const maxLength = 63;

interface Named {
  readonly metadata: { readonly namespace: string; readonly name: string };
}

export class ResourceNames {
  readonly #taken: Set<string>;

  /** `taken`: the resources of the same kind and group that the configuration has already. */
  constructor(taken: readonly Named[]) {
    this.#taken = new Set(taken.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  }

  /** The first of `wanted` that is free, or the last one with a number. */
  choose(namespace: string, wanted: readonly string[]): string {
    const names = wanted.map(dnsLabel);
    const [last = 'ingress'] = names.slice(-1);
    let name = names.find((one) => !this.#taken.has(`${namespace}/${one}`)) ?? '';
    for (let number = 2; name === ''; number += 1) {
      const suffix = `-${number}`;
      const numbered = last.slice(0, maxLength - suffix.length).replace(/-+$/, '') + suffix;
      if (!this.#taken.has(`${namespace}/${numbered}`)) name = numbered;
    }
    this.#taken.add(`${namespace}/${name}`);
    return name;
  }
}

/** `*.shop.example` becomes `wildcard-shop-example`. */
function dnsLabel(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll('*', 'wildcard')
    .replaceAll(/[^a-z0-9]+/g, '-');
  return plain.slice(0, maxLength).replaceAll(/^-+|-+$/g, '');
}
