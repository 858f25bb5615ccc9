/** Which listeners and filter chains of two configurations differ. */

import type { Listener } from '../model/listener.ts';
import type { Mesh } from '../model/mesh.ts';
import { canonicalText, differingParts, provenance, readableText } from './canonical.ts';
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

export function compareListeners(pairs: readonly ListenerPair[]): StructuralDifference[] {
  return pairs.flatMap(({ name, before: one, after: other }): StructuralDifference[] => {
    const kind = 'listener';
    if (one === undefined) return [{ kind, name, change: 'added', differences: [] }];
    if (other === undefined) return [{ kind, name, change: 'removed', differences: [] }];
    const differences = [
      ...fieldsOf({ ...one, name: '', filterChains: [] }, { ...other, name: '', filterChains: [] }),
      ...chainDifferences(one, other),
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

/** Of those for requests; what becomes of other connections is told with them. */
function chainDifferences(before: Listener, after: Listener): FieldDifference[] {
  const [old, now] = [before, after].map(({ filterChains }) => {
    const chains = filterChains.filter(({ kind }) => kind === 'http');
    return new Map(chains.map((chain) => [chain.name, chain]));
  });
  const names = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]);
  return [...names].flatMap((name): FieldDifference[] => {
    const [one, other] = [old?.get(name), now?.get(name)];
    const field = `filter chain ${name}`;
    if (one === undefined) return [{ field, old: 'none', new: readableText(other?.match) }];
    if (other === undefined) return [{ field, old: readableText(one.match), new: 'none' }];
    return fieldsOf(one, other).map((difference) => {
      return { ...difference, field: `${difference.field} of ${field}` };
    });
  });
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
