/**
 * How connections to a listener may begin, one of each kind that its filter chains tell apart: by
 * server name, TLS without one, HTTP in plain text, or other bytes.
 */

import type { FilterChain } from '../model/filter-chain.ts';
import type { ConnectionFacts } from '../proxy/listener/filter-chain-matcher.ts';

export interface ConnectionClass {
  /** `a.example`, `*.example` without names of its own, `no TLS`. */
  readonly label: string;
  readonly facts: ConnectionFacts;
  /** Whether the label is what filter chains ask of the server name. */
  readonly isName: boolean;
}

const plain = { serverName: null, isTls: false };

export function connectionClasses(chains: readonly FilterChain[]): ConnectionClass[] {
  const names = new Set(chains.flatMap(({ match }) => match.serverNames.filter(isName)));
  const classes = [...names].map(
    (name): ConnectionClass => ({
      label: name,
      facts: tls(exampleName(name, names)),
      isName: true,
    }),
  );
  if (names.size > 0) {
    const other = exampleName('*.example.test', names);
    classes.push({ label: 'other server names', facts: tls(other), isName: false });
  }
  if (chains.some(asksForTls)) {
    const label = names.size > 0 ? 'TLS without a server name' : 'TLS';
    classes.push({ label, facts: tls(null), isName: false });
  }
  if (chains.some(({ match }) => match.application !== null)) {
    classes.push({ label: 'HTTP in plain text', facts: { ...plain, isHttp: true }, isName: false });
  }
  return [...classes, { label: 'no TLS', facts: { ...plain, isHttp: false }, isName: false }];
}

function isName(name: string): boolean {
  return name !== '*';
}

function asksForTls({ match, tls: ending }: FilterChain): boolean {
  const { serverNames, transport } = match;
  return serverNames.length > 0 || transport !== null || ending !== null;
}

function tls(serverName: string | null): ConnectionFacts {
  return { serverName, isTls: true, isHttp: false };
}

/** Of a wildcard a name that is none of the others and below none that is closer. */
function exampleName(name: string, names: ReadonlySet<string>): string {
  if (!name.startsWith('*.')) return name;
  const suffix = name.slice(1);
  for (let number = 1; ; number++) {
    const label = number === 1 ? 'any' : `any${number}`;
    const example = label + suffix;
    if (!names.has(example)) return example;
  }
}
