/** What an Ingress asks for and the kinds it is converted to have no word for. */

import { isDeepStrictEqual } from '../base/node-util.ts';
import type { Finding } from '../config/finding.ts';
import { findingCode, severityOf } from '../config/finding-code.ts';
import { formatPath, type Path } from '../config/problem.ts';
import { originOf, type Resource, resourceLabel, writtenPlace } from '../config/resource.ts';
import type { HttpRoute, VirtualServiceSpec } from '../config/schema/virtual-service.ts';
import { originPlace } from '../model/origin.ts';

export interface Loss {
  readonly finding: Finding;
  /** Names of what `sluice diff` sees of it, such as `admission`. */
  readonly fields: readonly string[];
  /** Places of the routes that it is about, as `sluice diff` names them: `shop.yaml:12`. */
  readonly routes: ReadonlySet<string>;
}

export interface LossPlace {
  /** One that was made of the user's. */
  readonly resource: Resource<string, unknown>;
  readonly path: Path;
}

export interface LossText {
  /** What is lost: `the limits on requests of each client`. */
  readonly what: string;
  readonly hint?: string;
  readonly fields?: readonly string[];
}

/** Each is told once for each place in the files. */
export class ConversionLosses {
  readonly #target: string;
  readonly #losses = new Map<string, Loss & { readonly routes: Set<string> }>();

  /** `target`: the kind that is written, in the words of the user. */
  constructor(target: string) {
    this.#target = target;
  }

  add(place: LossPlace, { what, hint, fields = [] }: LossText): void {
    const { resource, path } = writtenPlace(place);
    const { kind, metadata, file } = resource;
    const finding: Finding = {
      code: findingCode.notCarriedOver,
      severity: severityOf[findingCode.notCarriedOver],
      message: `${this.#target} cannot say this, and it is left out: ${what}`,
      hint: hint ?? null,
      file,
      ...place.resource.positionOf(place.path),
      path: formatPath(path),
      resource: resourceLabel(kind, metadata.namespace, metadata.name),
    };
    const key = [file, finding.line, finding.column, finding.resource, what].join(' ');
    const known = this.#losses.get(key) ?? { finding, fields, routes: new Set() };
    this.#losses.set(key, known);
    for (const route of routePlaces(place)) known.routes.add(route);
  }

  list(): readonly Loss[] {
    return [...this.#losses.values()];
  }
}

/** None for what is in no rule. */
function routePlaces({ resource, path }: LossPlace): string[] {
  const [, list, index] = path;
  if (list !== 'http' || typeof index !== 'number') return [];
  // Only rules of VirtualServices have this path.
  const rules = (resource.spec as VirtualServiceSpec).http ?? [];
  return rules.flatMap((rule, at) => {
    if (at !== index && !isSameAnswer(rule, rules[index])) return [];
    const matches = [...(rule.match ?? []).keys()].map((match) => ['match', match]);
    return [[], ...matches].map((part) => {
      return originPlace(originOf(resource, ['spec', 'http', at, ...part]));
    });
  });
}

/** Rules that answer alike may be written as one. */
function isSameAnswer(rule: HttpRoute, other: HttpRoute | undefined): boolean {
  if (rule.directResponse === undefined || other?.directResponse === undefined) return false;
  const [one, two] = [rule, other].map(({ directResponse, headers }) => [directResponse, headers]);
  return isDeepStrictEqual(one, two);
}
