/** Which listeners and filter chains of two configurations differ. */

import type { FilterChain } from '../model/filter-chain.ts';
import type { Listener } from '../model/listener.ts';
import type { Mesh } from '../model/mesh.ts';
import { canonicalText, differingParts, provenance, readableText } from './canonical.ts';
import { chainPairs } from './chain-pairs.ts';
import type { StructuralDifference } from './difference.ts';
import type { FieldDifference } from './different-treatment.ts';

export interface ListenerPair {
  /** Side and port: `gateway 443`. */
  readonly name: string;
  /** undefined: it is on the other side alone. */
  readonly before: Listener | undefined;
  readonly after: Listener | undefined;
}

export function listenerPairs(before: Mesh, after: Mesh): ListenerPair[] {
  const [old, now] = [byIdentity(before.listeners), byIdentity(after.listeners)];
  const names = new Set([...old.keys(), ...now.keys()]);
  return [...names].map((name) => ({ name, before: old.get(name), after: now.get(name) }));
}

/** Names of the secrets that a configuration does not have; on each side. */
export type MissingSecrets = readonly [before: ReadonlySet<string>, after: ReadonlySet<string>];

export function compareListeners(
  pairs: readonly ListenerPair[],
  missing: MissingSecrets,
): StructuralDifference[] {
  return pairs.flatMap(({ name, before: one, after: other }): StructuralDifference[] => {
    const kind = 'listener';
    if (one === undefined) return [{ kind, name, change: 'added', differences: [] }];
    if (other === undefined) return [{ kind, name, change: 'removed', differences: [] }];
    const differences = [
      ...fieldsOf({ ...one, name: '', filterChains: [] }, { ...other, name: '', filterChains: [] }),
      ...chainDifferences(one, other, missing),
    ];
    return differences.length === 0 ? [] : [{ kind, name, change: 'changed', differences }];
  });
}

/** The only one of its side and port, wherever it is bound, else by name. */
function byIdentity(listeners: readonly Listener[]): Map<string, Listener> {
  const identity = ({ direction, servicePort }: Listener) =>
    servicePort === 0 ? direction : `${direction} ${servicePort}`;
  const groups = Map.groupBy(listeners, identity);
  return new Map(
    listeners.map((listener) => {
      const isOnly = groups.get(identity(listener))?.length === 1;
      return [isOnly ? identity(listener) : listener.name, listener];
    }),
  );
}

/**
 * Of those for requests, asked of the matcher: names make no difference. What becomes of other
 * connections is told with them.
 */
function chainDifferences(
  before: Listener,
  after: Listener,
  missing: MissingSecrets,
): FieldDifference[] {
  const pairs = chainPairs(before, after).filter(
    ({ before: one, after: other }) => one?.kind !== 'tcp' && other?.kind !== 'tcp',
  );
  const found = pairs.flatMap(({ connections, before: one, after: other }) =>
    [...chainFields(one, other), ...certificateField(one, other, missing)].map((difference) => ({
      difference,
      connections,
    })),
  );
  const same = Map.groupBy(found, ({ difference }) => canonicalText(difference));
  return [...same.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const whose = new Set(group.flatMap(({ connections }) => connections));
    const { difference } = first;
    return [{ ...difference, field: `${difference.field} for ${[...whose].join(', ')}` }];
  });
}

const closed = 'closed: no filter chain takes them';

function chainFields(one: FilterChain | null, other: FilterChain | null): FieldDifference[] {
  if (one === null || other === null) {
    const [old, now] = [one, other].map((chain) => (chain === null ? closed : 'read as HTTP'));
    return [{ field: 'connections', old: old ?? '', new: now ?? '' }];
  }
  return fieldsOf(comparable(one), comparable(other));
}

/** Without one of its certificates a filter chain closes connections. */
function certificateField(
  one: FilterChain | null,
  other: FilterChain | null,
  missing: MissingSecrets,
): FieldDifference[] {
  const [old, now] = [one, other].map((chain, side) => {
    const tls = chain?.tls ?? null;
    if (tls === null || tls.localAuthority) return null;
    const gone = tls.certificates.filter((name) => missing[side]?.has(name));
    return gone.length === 0 ? null : `${gone.join(' and ')} is missing: connections are closed`;
  });
  if ((old === null) === (now === null)) return [];
  return [{ field: 'certificate', old: old ?? 'there', new: now ?? 'there' }];
}

/** Without what pairs them, and without the name of the route table: its routes are compared. */
function comparable(chain: FilterChain): object {
  const { name: _, match: __, ...rest } = chain;
  const isOwn = rest.kind === 'http' && rest.routes.kind === 'table';
  return isOwn ? { ...rest, routes: null } : rest;
}

function fieldsOf(before: object, after: object): FieldDifference[] {
  const [old, now] = [before, after] as [Record<string, unknown>, Record<string, unknown>];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return names
    .filter(
      (name) => !provenance.has(name) && canonicalText(old[name]) !== canonicalText(now[name]),
    )
    .map((name) => {
      const [one, other] = differingParts(old[name], now[name]);
      return { field: name, old: readableText(one), new: readableText(other) };
    });
}
