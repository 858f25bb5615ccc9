/** Headers as a map of CEL: found when they are asked for. */

import { unicodeFromWire } from '../../base/wire-text.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import { redacted, secretHeaders } from '../secret-headers.ts';

/** Headers by name in any case; several lines of one name are joined by commas. */
export class HeaderMap extends Map<string, string> {
  readonly #first: readonly string[];
  readonly #headers: HeaderList | null;
  readonly #hidesSecrets: boolean;

  constructor(first: readonly string[], headers: HeaderList | null, hidesSecrets: boolean) {
    super();
    this.#hidesSecrets = hidesSecrets;
    this.#first = first;
    this.#headers = headers;
  }

  override get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    const first = this.#first.indexOf(wanted);
    if (first % 2 === 0) return unicodeFromWire(this.#first[first + 1] as string);
    const values = this.#headers?.getAll(wanted) ?? [];
    if (values.length === 0) return undefined;
    if (this.#hidesSecrets && secretHeaders.includes(wanted)) return redacted;
    return unicodeFromWire(values.join(','));
  }

  override has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  override get size(): number {
    return [...this.keys()].length;
  }

  override *keys(): MapIterator<string> {
    const names = [...this.#first, ...(this.#headers?.flat ?? [])].filter((_, i) => i % 2 === 0);
    yield* new Set(names);
  }

  override *entries(): MapIterator<[string, string]> {
    for (const name of this.keys()) yield [name, this.get(name) as string];
  }

  override [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }
}
