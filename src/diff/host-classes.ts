/** Cuts all authorities into classes that no route table and no condition tells apart. */

import { headerMatches } from '../routing/header-match.ts';
import type { CompiledRouteTable, CompiledVirtualHost } from '../routing/route-table.ts';
import { anyByte, byteSet } from './byte-set.ts';
import { stringPattern } from './condition-pattern.ts';
import { conditionsOf, probe } from './conditions.ts';
import { distinctWords } from './distinct-words.ts';
import { anyText, choice, literal, type Pattern, sequence } from './pattern.ts';

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
): HostClasses {
  const tables = [before, after].filter((table) => table !== null);
  const domains = new Set(tables.flatMap(domainsOf));
  const wildcards = [...domains].filter((domain) => domain.includes('*') && domain !== '*');
  const conditions = conditionsOf(
    tables.flatMap(({ virtualHosts }) => virtualHosts.flatMap(({ routes }) => routes)),
  ).filter(({ header }) => header?.source === 'authority');
  const patterns = [
    ...wildcards.map(domainPattern),
    ...conditions.map(({ header }) => (header === null ? null : stringPattern(header.model.match))),
  ];
  const names = [...domains].filter((domain) => !domain.includes('*'));
  const covered =
    conditions.length > 0 ? names : names.filter((name) => isCovered(name, wildcards));
  const known = [...patterns.filter((pattern) => pattern !== null), ...covered.map(domainPattern)];
  const found = known.length === 0 ? null : distinctWords(known, vocabulary);
  const words = found?.classes.flatMap((one) => one.words) ?? [];
  const classes = new Map<string, HostClass & { domains: string[] }>();
  for (const authority of [...names, ...unknownHosts, ...words]) {
    const hosts = [before, after].map((table) => table?.findVirtualHost(authority) ?? null);
    const truth = conditions.map(({ header }) =>
      header !== null && headerMatches(header, probe({ authority })) ? 1 : 0,
    );
    const [old = null, now = null] = hosts;
    const key = [
      before?.virtualHosts.indexOf(old as never),
      after?.virtualHosts.indexOf(now as never),
    ];
    const id = `${key.join()} ${truth.join('')}`;
    const one = classes.get(id) ?? { authority, domains: [], before: old, after: now };
    classes.set(id, one);
    const domain = domains.has(authority) ? authority : wildcardOf(authority, [old, now]);
    if (domain !== null && !one.domains.includes(domain)) one.domains.push(domain);
  }
  const complete = (found?.complete ?? true) && !patterns.includes(null);
  return { classes: [...classes.values()], complete };
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
