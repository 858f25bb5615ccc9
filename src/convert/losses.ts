/** What an Ingress asks for and the kinds it is converted to have no word for. */

import type { Finding } from '../config/finding.ts';
import { findingCode, severityOf } from '../config/finding-code.ts';
import { formatPath, type Path } from '../config/problem.ts';
import { type Resource, resourceLabel, writtenPlace } from '../config/resource.ts';

export interface Loss {
  readonly finding: Finding;
  /** Names of what `sluice diff` sees of it, such as `admission`. */
  readonly fields: readonly string[];
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
export class Losses {
  readonly #target: string;
  readonly #losses = new Map<string, Loss>();

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
    if (!this.#losses.has(key)) this.#losses.set(key, { finding, fields });
  }

  list(): readonly Loss[] {
    return [...this.#losses.values()];
  }
}
