/** What is wrong inside one resource, by path; `parse/` turns it into findings with a place. */

import type { FindingCode } from './finding-code.ts';
import { findingCode } from './finding-code.ts';

/** Keys and indexes from the root of the document: `['spec', 'http', 0]`. */
export type Path = readonly (string | number)[];

export interface Problem {
  readonly code: FindingCode;
  readonly path: Path;
  /** Point at the name of the field, or at its value. */
  readonly at: 'key' | 'value';
  /** One sentence without a full stop. */
  readonly message: string;
  readonly hint: string | null;
}

/**
 * Why a format with Envoy's operators, as `%PROTOCOL%`, cannot be used; null: it can. Given from
 * outside: who renders formats knows.
 */
export type FormatCheck = (format: string) => string | null;

/** Collects problems while a resource is checked. */
export class Problems {
  readonly list: Problem[] = [];
  /** The local authority signs certificates for servers that name none. */
  readonly localTls: boolean;
  readonly formatMistake: FormatCheck;

  constructor(localTls = false, formatMistake: FormatCheck = () => null) {
    this.localTls = localTls;
    this.formatMistake = formatMistake;
  }

  /** Istio refuses the resource for this. */
  invalid(path: Path, message: string, hint: string | null = null): void {
    this.list.push({ code: findingCode.invalid, path, at: 'value', message, hint });
  }

  /** Istio accepts it, but it is probably not what was meant. */
  doubtful(path: Path, message: string, hint: string | null = null): void {
    this.list.push({ code: findingCode.doubtful, path, at: 'value', message, hint });
  }

  add(problem: Problem): void {
    this.list.push(problem);
  }
}

/** `spec.http[0].route[1].weight`; keys that are no plain names are quoted. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}
