/** Istio resources that stand in no file: made from an Ingress or from the Gateway API. */

import type { Resource } from '../resource.ts';

type Path = readonly (string | number)[];

export interface MadeParts<Kind extends string, Spec> {
  readonly kind: Kind;
  readonly name: string;
  /** Default that of `from`. */
  readonly namespace?: string;
  readonly spec: Spec;
  /** The resource of the user that findings and origins name. */
  readonly from: Resource<string, unknown>;
  /** From a path of the new resource, `['spec', 'http', 0]`, to that of the field it comes from. */
  pathOf(path: Path): Path;
  /** Where parts come from other resources than `from`: the one of this part. */
  resourceOf?(path: Path): Resource<string, unknown>;
}

export function madeResource<Kind extends string, Spec>(
  parts: MadeParts<Kind, Spec>,
): Resource<Kind, Spec> {
  const { kind, name, spec, from, namespace = from.metadata.namespace } = parts;
  const pathOf = (path: Path) => parts.pathOf(path);
  const resourceOf = (path: Path) => parts.resourceOf?.(path) ?? from;
  return {
    kind,
    apiVersion: 'networking.istio.io/v1',
    metadata: {
      name,
      namespace,
      labels: {},
      annotations: {},
      creationTimestamp: from.metadata.creationTimestamp,
    },
    spec,
    status: null,
    file: from.file,
    positionOf: (path) => resourceOf(path).positionOf(pathOf(path)),
    madeFrom: { resource: from, pathOf, resourceOf },
  };
}
