/** Bootstrap resources and settings made from the text of a test. */

import t from 'tap';
import type { Result } from '../../../src/base/result.ts';
import type { ResourceSet } from '../../../src/config/resource-set.ts';
import type { MergedSettings } from '../../../src/config/settings/merge-settings.ts';
import { mergeSettings } from '../../../src/config/settings/merge-settings.ts';
import type { ProxyFlags } from '../../../src/config/settings/proxy-flags.ts';
import type { SettingsError } from '../../../src/config/settings/setting.ts';
import { loadResources } from '../../support/load-resources.ts';

type Bootstraps = ResourceSet['bootstraps'];

/** One Bootstrap for each spec, named `a`, `b` and so on. The schema must admit them. */
export function bootstraps(...specs: readonly object[]): Bootstraps {
  const files = specs.map((spec, index) => {
    const name = String.fromCharCode(97 + index);
    const resource = { apiVersion: 'sluice.dev/v1', kind: 'Bootstrap', metadata: { name }, spec };
    return { path: `${name}.json`, text: JSON.stringify(resource) };
  });
  const { resources, findings } = loadResources(files);
  const errors = findings.filter(({ severity }) => severity === 'error');
  t.strictSame(errors, [], 'the schema admits the Bootstrap of the test');
  return resources.bootstraps;
}

export function merge(
  spec: object,
  flags: ProxyFlags = {},
): Result<MergedSettings, readonly SettingsError[]> {
  return mergeSettings(flags, bootstraps(spec));
}

/** The settings, which must be sound. */
export function settings(spec: object, flags: ProxyFlags = {}): MergedSettings {
  const merged = merge(spec, flags);
  if (!merged.ok) throw new Error(merged.error.map(({ message }) => message).join(', '));
  return merged.value;
}

/** `--flag: message` or `path: message` of each error. */
export function errors(spec: object, flags: ProxyFlags = {}): string[] {
  const merged = merge(spec, flags);
  const list = merged.ok ? [] : merged.error;
  return list.map(({ flag, path, message }) => `${path?.join('.') ?? `--${flag}`}: ${message}`);
}
