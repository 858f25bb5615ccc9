/** Cuts all authorities into classes that no route table and no condition tells apart. */

import { type CompiledHeaderMatch, headerMatches } from '../routing/header-match.ts';
import type { CompiledRouteTable, CompiledVirtualHost } from '../routing/route-table.ts';
import { anyByte, byteSet } from './byte-set.ts';
import { stringPattern } from './condition-pattern.ts';
import { conditionsOf, probe } from './conditions.ts';
import { anyText, choice, literal, type Pattern, sequence } from './pattern.ts';
import type { WordFinder } from './word-finder.ts';

export interface HostClass {
  /** An authority of the class. */
  readonly authority: string;
  /** Domains by which the virtual hosts are found; empty: no domain covers it. */
  readonly domains: readonly string[];
  readonly before: CompiledVirtualHost | null;
  readonly after: CompiledVirtualHost | null;
}

export interface HostClasses {
  readonly classes: readonly HostClass[];
  readonly complete: boolean;
}

const hostBytes = byteSet('abcdefghijklmnopqrstuvwxyz0123456789.-_:[]ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const firstByte = hostBytes & ~byteSet('.-:]');
const vocabulary = {
  alphabet: hostBytes,
  valid: sequence({ kind: 'byte', set: firstByte }, anyText),
};
/** For requests whose host does not matter. */
const unknownHosts = ['other.example', 'another.example', 'other-3.example'];

export function hostClasses(
  before: CompiledRouteTable | null,
  after: CompiledRouteTable | null,
  words: WordFinder,
): HostClasses {
  const tables = [before, after].filter((table) => table !== null);
  const domains = new Set(tables.flatMap(domainsOf));
  const conditions = authorityConditions(tables);
  const { authorities, complete } = authoritiesFor([...domains], conditions, words);
  const classes = new Map<string, HostClass & { readonly domains: string[] }>();
  for (const authority of authorities) {
    const old = before?.findVirtualHost(authority) ?? null;
    const now = after?.findVirtualHost(authority) ?? null;
    const request = probe({ authority });
    const holding = conditions.map((header) => (headerMatches(header, request) ? 1 : 0));
    const places = [placeOf(before, old), placeOf(after, now)];
    const id = `${places.join()} ${holding.join('')}`;
    const one = classes.get(id) ?? { authority, domains: [], before: old, after: now };
    classes.set(id, one);
    const domain = domains.has(authority) ? authority : wildcardOf(authority, [old, now]);
    if (domain !== null && !one.domains.includes(domain)) one.domains.push(domain);
  }
  return { classes: [...classes.values()], complete };
}

function placeOf(table: CompiledRouteTable | null, host: CompiledVirtualHost | null): number {
  return table === null || host === null ? -1 : table.virtualHosts.indexOf(host);
}

function authorityConditions(tables: readonly CompiledRouteTable[]): CompiledHeaderMatch[] {
  const routes = tables.flatMap(({ virtualHosts }) => virtualHosts.flatMap((one) => one.routes));
  const headers = conditionsOf(routes).map(({ header }) => header);
  return headers.filter((header) => header?.source === 'authority') as CompiledHeaderMatch[];
}

/** Names stand for themselves; words are looked for where wildcards or conditions may part them. */
function authoritiesFor(
  domains: readonly string[],
  conditions: readonly CompiledHeaderMatch[],
  words: WordFinder,
): { authorities: readonly string[]; complete: boolean } {
  const names = domains.filter((domain) => !domain.includes('*'));
  const wildcards = domains.filter((domain) => domain.includes('*') && domain !== '*');
  const isParted = (name: string): boolean => conditions.length > 0 || isCovered(name, wildcards);
  const asked = conditions.map(({ model }) => stringPattern(model.match));
  const known = asked.filter((pattern) => pattern !== null);
  const patterns = [...known, ...[...wildcards, ...names.filter(isParted)].map(domainPattern)];
  const start = [...names, ...unknownHosts];
  if (patterns.length === 0) return { authorities: start, complete: known.length === asked.length };
  const found = words.find(patterns, vocabulary);
  return {
    authorities: [...start, ...found.classes.flatMap(({ words }) => words)],
    complete: found.complete && known.length === asked.length,
  };
}

function domainsOf({ virtualHosts }: CompiledRouteTable): string[] {
  return virtualHosts.flatMap(({ virtualHost }) =>
    virtualHost.domains.map((domain) => domain.toLowerCase()),
  );
}

/** The `*` stands for at least one character. A table may leave out the port, others have it. */
function domainPattern(domain: string): Pattern {
  const some = sequence({ kind: 'byte', set: anyByte }, anyText);
  const digit: Pattern = { kind: 'byte', set: byteSet('0123456789') };
  const port = choice(sequence(), sequence(literal(':'), { ...anyText, part: digit } as Pattern));
  if (domain.startsWith('*')) return sequence(some, literal(domain.slice(1), true), port);
  if (domain.endsWith('*')) return sequence(literal(domain.slice(0, -1), true), some);
  return sequence(literal(domain, true), port);
}

function isCovered(name: string, wildcards: readonly string[]): boolean {
  return wildcards.some((wildcard) =>
    wildcard.startsWith('*')
      ? name.endsWith(wildcard.slice(1))
      : name.startsWith(wildcard.slice(0, -1)),
  );
}

function wildcardOf(
  authority: string,
  hosts: readonly (CompiledVirtualHost | null)[],
): string | null {
  const all = hosts.flatMap((host) => host?.virtualHost.domains ?? []);
  const fitting = all.filter((domain) => domain.includes('*') && isCovered(authority, [domain]));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? null;
}
