/**
 * Rules whose prefixes stop at a `/`, in plain words of a VirtualService, where `/foo` is a prefix
 * of `/foobar` as well: they become the path itself and all that is below it.
 */

import type { HttpMatchRequest, HttpRoute } from '../config/schema/virtual-service.ts';

/** Whether `/foo` is a prefix of `/foobar` in it. */
export function hasPlainPrefixes({ extension }: HttpRoute): boolean {
  return extension === undefined || extension.plainPrefixes === true;
}

/** One rule becomes two where a new prefix is written otherwise for what is below the old one. */
export function plainRules({ extension, ...rule }: HttpRoute): HttpRoute[] {
  if (extension === undefined || extension.plainPrefixes === true) return [rule];
  const { match = [] } = rule;
  const split = match.map(splitPrefix);
  if (split.every(({ below }) => below === null)) return [rule];
  if (newPrefix(rule) === null) {
    return [{ ...rule, match: split.flatMap(({ itself, below }) => [itself, ...(below ?? [])]) }];
  }
  const belows = split.flatMap(({ below }) => below ?? []);
  const join = extension.semantics === 'ingress' ? appendSlash : endWithSlash;
  return [{ ...rule, match: split.map(({ itself }) => itself) }, belowRule(rule, belows, join)];
}

interface SplitMatch {
  readonly itself: HttpMatchRequest;
  /** null where `itself` says it all. */
  readonly below: readonly HttpMatchRequest[] | null;
}

function splitPrefix(match: HttpMatchRequest): SplitMatch {
  const prefix = match.uri?.prefix?.replace(/\/$/, '') ?? '';
  if (prefix === '') return { itself: match, below: null };
  return {
    itself: { ...match, uri: { exact: prefix } },
    below: [{ ...match, uri: { prefix: `${prefix}/` } }],
  };
}

function newPrefix({ rewrite, redirect }: HttpRoute): string | null {
  return rewrite?.uri ?? redirect?.prefixRewrite ?? null;
}

/** What is replaced ends with a slash there, and so must what comes in its place. */
function belowRule(
  rule: HttpRoute,
  match: HttpMatchRequest[],
  withSlash: (prefix: string) => string,
): HttpRoute {
  const { rewrite, redirect } = rule;
  return {
    ...rule,
    match,
    ...(rewrite?.uri === undefined ? {} : { rewrite: { ...rewrite, uri: withSlash(rewrite.uri) } }),
    ...(redirect?.prefixRewrite === undefined
      ? {}
      : { redirect: { ...redirect, prefixRewrite: withSlash(redirect.prefixRewrite) } }),
  };
}

function appendSlash(prefix: string): string {
  return `${prefix}/`;
}

function endWithSlash(prefix: string): string {
  return prefix.endsWith('/') ? prefix : `${prefix}/`;
}
