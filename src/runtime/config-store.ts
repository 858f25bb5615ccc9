/**
 * From files to a model, remembering the last good one: what `sluice run` does at its start and at
 * every change.
 */

import type { Finding } from '../config/finding.ts';
import { type LoadedResources, loadResources } from '../config/parse/load.ts';
import type { SourceFile } from '../config/parse/source-file.ts';
import type { ResourceSet } from '../config/resource-set.ts';
import { type MergedSettings, mergeSettings, type SettingsError } from '../config/settings/merge-settings.ts';
import type { ProxyFlags } from '../config/settings/proxy-flags.ts';
import { translateMesh } from '../config/translate/mesh.ts';
import type { Mesh } from '../model/mesh.ts';
import { keepLastGood } from './last-good.ts';

export interface LoadedConfig {
  readonly mesh: Mesh;
  readonly settings: MergedSettings;
}

export interface LoadOutcome {
  readonly loaded: LoadedConfig | null;
  /** Wrong flags: the user's to mend before anything runs. */
  readonly flagErrors: readonly SettingsError[];
  readonly findings: readonly Finding[];
  /** Resources that could not be used. */
  readonly rejected: readonly string[];
}

export class ConfigStore {
  readonly #flags: ProxyFlags;
  readonly #privilegedPorts: boolean;
  #lastGood: ResourceSet | null = null;
  #settings: MergedSettings | null = null;

  constructor(flags: ProxyFlags, privilegedPorts: boolean) {
    this.#flags = flags;
    this.#privilegedPorts = privilegedPorts;
  }

  /** `loaded` is null only while there has never been a usable configuration of the proxy itself. */
  load(files: readonly SourceFile[]): LoadOutcome {
    const read = loadResources(files);
    const resources = keepLastGood(this.#lastGood, read);
    const merged = mergeSettings(this.#flags, resources.bootstraps);
    const flagErrors = merged.ok ? [] : merged.error.filter((error) => error.path === null);
    const findings = [...read.findings, ...settingsFindings(merged.ok ? [] : merged.error, resources)];
    const settings = merged.ok ? merged.value : this.#settings;
    if (settings === null) return { loaded: null, flagErrors, findings, rejected: refusedNames(read) };
    const proxy = { ...settings.proxy, bindPrivilegedPorts: this.#privilegedPorts };
    const translated = translateMesh(resources, proxy);
    this.#lastGood = resources;
    this.#settings = settings;
    return {
      loaded: { mesh: translated.mesh, settings },
      flagErrors,
      findings: [...findings, ...translated.findings],
      rejected: refusedNames(read),
    };
  }
}

function refusedNames(read: LoadedResources): string[] {
  return read.refused.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
}

function settingsFindings(
  errors: readonly SettingsError[],
  resources: ResourceSet,
): readonly Finding[] {
  const bootstrap = resources.bootstraps.at(-1);
  const findings: Finding[] = [];
  for (const { path, message } of errors) {
    if (path === null || bootstrap === undefined) continue;
    const { line, column } = bootstrap.positionOf(['spec', ...path]);
    findings.push({
      code: 'SLC0301',
      severity: 'error',
      message,
      hint: null,
      file: bootstrap.file,
      line,
      column,
      path: `spec.${path.join('.')}`,
      resource: `Bootstrap ${bootstrap.metadata.namespace}/${bootstrap.metadata.name}`,
    });
  }
  return findings;
}
