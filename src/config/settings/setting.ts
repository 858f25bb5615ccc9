/** A setting with the place it comes from, so that what is wrong with it can be told there. */

import type { Result } from '../../base/result.ts';
import type { Path } from '../problem.ts';

interface SettingName {
  /** Its flag, without dashes; empty where there is none. */
  readonly flag: string;
  /** Its place below `spec` of the Bootstrap resource. */
  readonly path: Path;
}

export interface Setting<T> extends SettingName {
  readonly from: 'flag' | 'bootstrap' | 'default';
  readonly value: T;
}

export interface SettingsError {
  readonly flag: string;
  /** Path below `spec` of the Bootstrap resource; null if the command line gave the value. */
  readonly path: Path | null;
  /** One sentence without a full stop. */
  readonly message: string;
}

/** The same setting from each place that may have it. */
export interface Sources<T> {
  readonly flag: T | undefined;
  readonly bootstrap: T | undefined;
  readonly default: T;
}

/** A flag wins over the resource. */
export function choose<T>(name: SettingName, sources: Sources<T>): Setting<T> {
  if (sources.flag !== undefined) return { ...name, from: 'flag', value: sources.flag };
  if (sources.bootstrap === undefined) return { ...name, from: 'default', value: sources.default };
  return { ...name, from: 'bootstrap', value: sources.bootstrap };
}

/** A repeatable setting, item by item; `off` stands for none. */
export function chooseEach(
  name: SettingName,
  sources: Sources<string | readonly string[]>,
): readonly Setting<string>[] {
  const { value, ...place } = choose(name, sources);
  if (typeof value === 'string') return value === 'off' ? [] : [{ ...place, value }];
  const items = value.map((item, index) => ({
    ...place,
    path: [...place.path, index],
    value: item,
  }));
  return items.filter((item) => item.value !== 'off');
}

export class SettingsErrors {
  readonly list: SettingsError[] = [];

  add({ flag, path, from }: Setting<unknown>, message: string): void {
    this.list.push({ flag, path: from === 'flag' ? null : path, message });
  }

  /** null after an error. */
  parse<In, Out>(setting: Setting<In>, parser: (value: In) => Result<Out, string>): Out | null {
    const parsed = parser(setting.value);
    if (parsed.ok) return parsed.value;
    this.add(setting, parsed.error);
    return null;
  }
}
