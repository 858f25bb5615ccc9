/** Names of the resources that are written: short, and each once. */

const maxLength = 63;

export class ResourceNames {
  readonly #taken: Set<string>;

  /** `taken`: names that the configuration has already, as `namespace/name`. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** The first of `wanted` that is free, or the last one with a number. */
  choose(namespace: string, wanted: readonly string[]): string {
    const names = wanted.map(dnsLabel);
    const [last = 'ingress'] = names.slice(-1);
    let name = names.find((one) => !this.#taken.has(`${namespace}/${one}`)) ?? '';
    for (let number = 2; name === ''; number += 1) {
      const numbered = `${last}-${number}`;
      if (!this.#taken.has(`${namespace}/${numbered}`)) name = numbered;
    }
    this.#taken.add(`${namespace}/${name}`);
    return name;
  }
}

/** `*.shop.example` becomes `wildcard-shop-example`. */
export function dnsLabel(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll('*', 'wildcard')
    .replaceAll(/[^a-z0-9]+/g, '-');
  return plain.slice(0, maxLength).replaceAll(/^-+|-+$/g, '');
}
