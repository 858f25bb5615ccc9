/** Header operations of VirtualServices in the order in which Envoy applies them. */

import type { HeaderMutation, HeaderValue } from '../../../model/header-mutation.ts';
import type { HeaderOperations } from '../../schema/virtual-service.ts';

export interface RequestHeaderOperations {
  readonly mutation: HeaderMutation | null;
  /**
   * From `Host` or `:authority` in set or add: not a header change, but a rewrite of the authority.
   */
  readonly authority: string | null;
}

export function translateRequestHeaders(
  operations: HeaderOperations | undefined,
): RequestHeaderOperations {
  if (operations === undefined) return { mutation: null, authority: null };
  return {
    mutation: translate(operations),
    authority: findAuthority(operations.set) ?? findAuthority(operations.add),
  };
}

export function translateResponseHeaders(
  operations: HeaderOperations | undefined,
): HeaderMutation | null {
  return operations === undefined ? null : translate(operations);
}

/** Envoy removes all, then replaces all, then adds all, whichever level they came from. */
export function joinMutations(
  first: HeaderMutation | null,
  second: HeaderMutation | null,
): HeaderMutation | null {
  if (first === null) return second;
  if (second === null) return first;
  return {
    set: [...first.set, ...second.set],
    add: [...first.add, ...second.add],
    remove: [...first.remove, ...second.remove],
  };
}

function translate(operations: HeaderOperations): HeaderMutation | null {
  const mutation = {
    set: translateValues(operations.set),
    add: translateValues(operations.add),
    remove: (operations.remove ?? [])
      .map((name) => name.toLowerCase())
      .filter((name) => !isAuthorityOrPseudo(name)),
  };
  const { set, add, remove } = mutation;
  return set.length + add.length + remove.length === 0 ? null : mutation;
}

function translateValues(values: Readonly<Record<string, string>> | undefined): HeaderValue[] {
  return (
    Object.entries(values ?? {})
      .map(([name, value]) => ({ name: name.toLowerCase(), value }))
      // Envoy leaves out headers whose value is empty.
      .filter(({ name, value }) => value !== '' && !isAuthorityOrPseudo(name))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  );
}

function findAuthority(values: Readonly<Record<string, string>> | undefined): string | null {
  for (const [name, value] of Object.entries(values ?? {})) {
    const lowerCase = name.toLowerCase();
    if ((lowerCase === 'host' || lowerCase === ':authority') && value !== '') return value;
  }
  return null;
}

function isAuthorityOrPseudo(name: string): boolean {
  return name === 'host' || name.startsWith(':');
}
