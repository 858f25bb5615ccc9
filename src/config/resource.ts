/** A resource as read from a file, after validation, with the places of its fields. */

import type { Origin } from '../model/origin.ts';
import { shownKind } from './shown-kind.ts';

/** Of resources that name none, and of a proxy that is told none. */
export const defaultNamespace = 'default';

export interface ResourceMetadata {
  readonly name: string;
  /** `default` where the file names none. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; 0 where the file has none. */
  readonly creationTimestamp: number;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Resource<Kind extends string, Spec> {
  readonly kind: Kind;
  readonly apiVersion: string;
  readonly metadata: ResourceMetadata;
  /** Kubernetes kinds that have no `spec` (Endpoints, EndpointSlice) keep their fields here too. */
  readonly spec: Spec;
  /** Pod and Service status, where the kind has one. */
  readonly status: unknown;
  readonly file: string;
  /**
   * Place of a field by its path from the document's root, for example `['spec', 'http', 0]`; that
   * of the nearest parent where it is absent.
   */
  positionOf(path: readonly (string | number)[]): Position;
  /** Of one that stands in no file, such as the VirtualService made from an Ingress. */
  readonly madeFrom?: MadeFrom;
}

/** What a resource was made from. */
interface MadeFrom {
  readonly resource: Resource<string, unknown>;
  /** From a path of the resource that was made to that of the field it comes from. */
  pathOf(path: readonly (string | number)[]): readonly (string | number)[];
  /** Of one made from several, such as the HTTPRoutes of a host: the one that this part is of. */
  resourceOf?(path: readonly (string | number)[]): Resource<string, unknown>;
}

export interface WrittenPlace {
  readonly resource: Resource<string, unknown>;
  readonly path: readonly (string | number)[];
}

/** The place in a file that the part of a resource at `path` comes from. */
export function writtenPlace({ resource, path }: WrittenPlace): WrittenPlace {
  const { madeFrom } = resource;
  if (madeFrom === undefined) return { resource, path };
  const written = madeFrom.resourceOf?.(path) ?? madeFrom.resource;
  return { resource: written, path: madeFrom.pathOf(path) };
}

/** The origin of a model object made from the part of a resource at `path`. */
export function originOf(
  resource: Resource<string, unknown>,
  path: readonly (string | number)[] = [],
): Origin {
  const { resource: written } = writtenPlace({ resource, path });
  const { line, column } = resource.positionOf(path);
  return {
    kind: shownKind(written.kind),
    namespace: written.metadata.namespace,
    name: written.metadata.name,
    file: written.file,
    line,
    column,
  };
}

/** `VirtualService default/reviews`; a Bootstrap has no namespace. */
export function resourceLabel(kind: string, namespace: string, name: string): string {
  return `${shownKind(kind)} ${namespace === '' ? name : `${namespace}/${name}`}`.trim();
}
