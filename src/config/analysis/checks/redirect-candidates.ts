/** The matches of a VirtualService, to find the first that has a path without asking each. */

import { re2 } from '../../../base/re2.ts';
import type { HttpMatchRequest } from '../../schema/virtual-service.ts';
import { stopsAtSlash } from '../../translate/routes/route-match.ts';
import type { BoundVirtualService, HttpRule } from '../../translate/rules/virtual-services.ts';
import { literalStart } from './covering.ts';

/** A match of a rule, ready to be asked often. */
export interface Candidate {
  readonly rule: HttpRule;
  readonly match: HttpMatchRequest;
  /** Among all of the VirtualService. */
  readonly position: number;
  readonly holds: (path: string) => boolean;
}

const anyRequest: HttpMatchRequest = Object.freeze({});

export function askedMatches({ spec: { match = [] } }: HttpRule): readonly HttpMatchRequest[] {
  return match.length === 0 ? [anyRequest] : match;
}

export class RedirectCandidates {
  readonly #byMatch = new Map<HttpMatchRequest, Candidate>();
  /** Those of which the path alone decides, in order, by what it begins with in lower case. */
  readonly #byStart = new Map<string, Candidate[]>();
  /** Of the keys above. */
  readonly #lengths = new Set<number>();

  constructor({ rules }: BoundVirtualService) {
    let position = 0;
    for (const rule of rules) {
      for (const match of askedMatches(rule)) {
        const holds = pathTest(match, stopsAtSlash(rule.spec.extension));
        this.#add({ rule, match, position, holds });
        position += 1;
      }
    }
  }

  /** Among those of which the path alone decides, and `known`, whose other conditions hold. */
  first(path: string, known: HttpMatchRequest | null): Candidate | null {
    const own = known === null ? undefined : this.#byMatch.get(known);
    let best = own?.holds(path) ? own : null;
    const text = path.toLowerCase();
    for (const length of this.#lengths) {
      if (length > text.length) continue;
      for (const candidate of this.#byStart.get(text.slice(0, length)) ?? []) {
        if (best !== null && candidate.position >= best.position) break;
        if (!candidate.holds(path)) continue;
        best = candidate;
        break;
      }
    }
    return best;
  }

  #add(candidate: Candidate): void {
    const { match } = candidate;
    if (!this.#byMatch.has(match)) this.#byMatch.set(match, candidate);
    if (!isPathAlone(match)) return;
    const start = startOf(match).toLowerCase();
    this.#lengths.add(start.length);
    const others = this.#byStart.get(start);
    if (others === undefined) this.#byStart.set(start, [candidate]);
    else others.push(candidate);
  }
}

function isPathAlone(match: HttpMatchRequest): boolean {
  return Object.keys(match).every((field) =>
    ['name', 'uri', 'ignoreUriCase', 'statPrefix'].includes(field),
  );
}

/** What every path begins with that it may have. */
function startOf({ uri: { exact, prefix = '', regex } = {} }: HttpMatchRequest): string {
  return regex === undefined ? (exact ?? prefix) : literalStart(regex).text;
}

/** `separated`: a prefix stops at a `/`. */
function pathTest(
  { uri = {}, ignoreUriCase = false }: HttpMatchRequest,
  separated: boolean,
): Candidate['holds'] {
  const { exact, prefix = '', regex } = uri;
  if (regex !== undefined) {
    const pattern = re2().compile(regex);
    return (path) => pattern.matches(path);
  }
  const fold = (text: string) => (ignoreUriCase ? text.toLowerCase() : text);
  if (exact !== undefined) return (path) => fold(exact) === fold(path);
  if (!separated) return (path) => fold(path).startsWith(fold(prefix));
  const below = fold(prefix.endsWith('/') ? prefix : `${prefix}/`);
  return (path) => `${fold(path)}/`.startsWith(below);
}
