/** One setting with the place where it is said. */

import type { Origin, SettingOrigins } from '../model/origin.ts';
import { describeOrigin } from './describe-origin.ts';
import type { PolicyValue } from './explained-target.ts';

/** Makes values of an object whose settings are said in `origins`. */
export class PolicyWriter {
  readonly #origins: SettingOrigins;

  constructor(origins: SettingOrigins = {}) {
    this.#origins = origins;
  }

  /** `fields`: the names of Istio under one of which it is said, if it is. */
  value(name: string, value: string, fields: readonly string[] = [name]): PolicyValue {
    const field = fields.find((one) => Object.hasOwn(this.#origins, one));
    const origin = field === undefined ? null : (this.#origins[field] ?? null);
    return origin === null
      ? { name, value, isDefault: true, origin }
      : this.said(name, value, origin);
  }

  /** What is said elsewhere, as in an annotation; `origin` null: the place is not known. */
  said(name: string, value: string, origin: Origin | null): PolicyValue {
    const told = origin === null ? null : describeOrigin(origin);
    return { name, value, isDefault: false, origin: told };
  }
}
