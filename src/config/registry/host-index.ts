/** Values by host name or wildcard, found again by the most specific name that covers a host. */

import { isHostWithin, isWildcardHost } from './host-names.ts';

export class HostIndex<T> {
  readonly #values = new Map<string, T>();
  /** Wildcards that do not begin at a label, such as `*` and `*-api.example.com`; longest first. */
  #irregular: string[] = [];

  get(host: string): T | undefined {
    return this.#values.get(host);
  }

  set(host: string, value: T): void {
    if (isWildcardHost(host) && !host.startsWith('*.') && !this.#values.has(host)) {
      this.#irregular.push(host);
      this.#irregular.sort((a, b) => b.length - a.length);
    }
    this.#values.set(host, value);
  }

  /** The exact name, or else the longest wildcard that covers `host`. */
  mostSpecific(host: string): T | undefined {
    const exact = this.#values.get(host);
    if (exact !== undefined) return exact;
    for (const wildcard of this.wildcardsOver(host)) return this.#values.get(wildcard);
    return undefined;
  }

  /** All wildcards of the index that cover `host`, longest first. */
  wildcardsOver(host: string): string[] {
    const found: string[] = [];
    // A wildcard host begins with `*.`: its own entry is found at its first dot.
    for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
      const wildcard = `*${host.slice(dot)}`;
      if (this.#values.has(wildcard)) found.push(wildcard);
    }
    const irregular = this.#irregular.filter((wildcard) => isHostWithin(host, wildcard));
    if (irregular.length === 0) return found;
    return [...found, ...irregular].sort((a, b) => b.length - a.length);
  }
}
