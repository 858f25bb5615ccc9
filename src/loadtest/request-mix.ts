/** Draws the next request: its kind by weight, its key, and what its templates say. */

import { assert } from '../base/assert.ts';
import type { Random } from '../base/random.ts';
import { type KeySampler, keySampler } from './key-sampler.ts';
import { noKey } from './request-log.ts';
import type { RequestKind } from './scenario.ts';
import { compileTemplate, type Template, type TemplateValues } from './template.ts';

/** A request as it is sent. */
export interface LoadRequest {
  /** Index among the kinds of the scenario. */
  readonly kind: number;
  /** Number of its key; `noKey` where its kind has none. */
  readonly key: number;
  readonly method: string;
  /** Empty: the address. */
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Workloads do not count requests with this header. */
export const warmUpHeader = 'x-loadtest-warm-up';

interface CompiledKind {
  readonly kind: RequestKind;
  /** Sum of the weights up to here. */
  readonly upTo: number;
  readonly host: Template;
  readonly path: Template;
  readonly headers: readonly (readonly [name: string, value: Template])[];
  readonly body: Template | null;
  /** null: it has no keys. */
  readonly sampler: KeySampler | null;
}

export class RequestMix {
  readonly #kinds: readonly CompiledKind[];
  readonly #total: number;
  readonly #random: Random;
  #sequence = 0;

  constructor(kinds: readonly RequestKind[], random: Random) {
    let upTo = 0;
    this.#kinds = kinds.map((kind) => {
      upTo += kind.weight;
      return compileKind(kind, upTo);
    });
    this.#total = upTo;
    this.#random = random;
  }

  next(isWarmUp: boolean): LoadRequest {
    const random = this.#random;
    const drawn = random.fraction() * this.#total;
    const found = this.#kinds.findIndex(({ upTo }) => drawn < upTo);
    const index = Math.max(0, found);
    const compiled = this.#kinds[index];
    assert(compiled !== undefined, 'a scenario has a request');
    const { keys, method } = compiled.kind;
    const key = compiled.sampler?.(random) ?? noKey;
    const text = keys === null ? '' : `${keys.prefix}${key}`;
    const values: TemplateValues = { random, key: text, sequence: this.#sequence++ };
    const headers: Record<string, string> = {};
    for (const [name, value] of compiled.headers) headers[name] = value(values);
    if (isWarmUp) headers[warmUpHeader] = '1';
    return {
      ...{ kind: index, key, method, headers },
      host: compiled.host(values),
      path: compiled.path(values),
      body: compiled.body === null ? null : compiled.body(values),
    };
  }
}

function compileKind(kind: RequestKind, upTo: number): CompiledKind {
  const compile = (text: string): Template => {
    const template = compileTemplate(text, kind.keys !== null);
    assert(template.ok, 'templates are checked with the scenario');
    return template.value;
  };
  return {
    ...{ kind, upTo, host: compile(kind.host), path: compile(kind.path) },
    headers: kind.headers.map(([name, value]) => [name.toLowerCase(), compile(value)] as const),
    body: kind.body === null ? null : compile(kind.body),
    sampler: kind.keys === null ? null : keySampler(kind.keys.count, kind.keys.zipf),
  };
}
