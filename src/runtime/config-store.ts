/**
 * From files to a model, remembering the last good one: what `sluice run` does at its start and at
 * every change, and `sluice analyze` once.
 */

import { type Clock, systemClock } from '../base/clock.ts';
import { analyze } from '../config/analysis/analyze.ts';
import type { AnalysisContext } from '../config/analysis/analyzer.ts';
import { combinedFindings } from '../config/analysis/combined-findings.ts';
import { type Suppression, withoutSuppressed } from '../config/analysis/suppression.ts';
import { type FileField, fileFieldsOf } from '../config/file-fields.ts';
import type { Finding } from '../config/finding.ts';
import { findingCode, severityOf } from '../config/finding-code.ts';
import { type LoadedResources, ResourceLoader } from '../config/parse/load.ts';
import type { SourceFile } from '../config/parse/source-file.ts';
import { resourceLabel } from '../config/resource.ts';
import type { ResourceSet } from '../config/resource-set.ts';
import type { KindName } from '../config/schema/kinds.ts';
import { type MergedSettings, mergeSettings } from '../config/settings/merge-settings.ts';
import type { ProxyFlags } from '../config/settings/proxy-flags.ts';
import type { SettingsError } from '../config/settings/setting.ts';
import { settingsFindings } from '../config/settings/settings-findings.ts';
import { withoutConsequentFindings } from '../config/translate/consequent-findings.ts';
import { type Translation, translateMesh } from '../config/translate/mesh.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Secret } from '../model/secret.ts';
import type { SecretName } from '../model/tls.ts';
import { formatMistake } from '../telemetry/format/format-mistake.ts';
import { emptiedFiles } from './emptied-files.ts';
import { isWithoutResource, keepLastGood } from './last-good.ts';
import { describeResources, type LoadedResource } from './loaded-resources.ts';
import { secretNamesOf } from './secret-names.ts';

export interface LoadedConfig {
  readonly mesh: Mesh;
  /** What the mesh names of certificates and keys, but for files. Never shown. */
  readonly secrets: readonly Secret[];
  /** Where the mesh gets its names of files from. */
  readonly fileFields: readonly FileField[];
  /** Every resource that was there, used or not. */
  readonly resources: readonly LoadedResource[];
  readonly settings: MergedSettings;
}

export interface LoadOutcome {
  readonly loaded: LoadedConfig | null;
  /** Wrong flags: the user's to mend before anything runs. */
  readonly flagErrors: readonly SettingsError[];
  readonly findings: readonly Finding[];
  /** Resources that could not be used, or read, as they are now. */
  readonly rejected: readonly string[];
  /** Those of them that go on with their last good version. */
  readonly kept: readonly string[];
  /** A Secret goes on with its last good version. */
  readonly keepsSecrets: boolean;
}

export class ConfigStore {
  readonly #flags: ProxyFlags;
  readonly #firstBindablePort: number;
  readonly #clock: Clock;
  readonly #loader = new ResourceLoader(formatMistake);
  #lastGood: ResourceSet | null = null;
  #settings: MergedSettings | null = null;
  /** Secrets that what serves by the last load has, be it from an earlier one. */
  #held: ReadonlySet<SecretName> = new Set();
  /** What the last load saw, for `analyze`; null where there were no usable settings. */
  #lastRead: AnalysisContext | null = null;
  /** As the proxy was started; null before the first usable settings. */
  #localTls: boolean | null = null;

  /** `clock` tells certificates that have expired. */
  constructor(flags: ProxyFlags, firstBindablePort: number, clock: Clock = systemClock) {
    this.#flags = flags;
    this.#clock = clock;
    this.#firstBindablePort = firstBindablePort;
  }

  /**
   * `loaded` is null while there has never been a usable configuration of the proxy itself, and
   * where nothing is left of one: what serves goes on.
   * `sourceFindings` tell which files could not be read: what came from them stays.
   */
  load(files: readonly SourceFile[], sourceFindings: readonly Finding[] = []): LoadOutcome {
    const read = this.#read(files);
    const resources = keepLastGood(this.#lastGood, read, sourceFindings);
    const merged = mergeSettings(this.#flags, resources.bootstraps);
    const errors = merged.ok ? [] : merged.error;
    const flagErrors = errors.filter(({ path }) => path === null);
    const findings = [...read.findings, ...settingsFindings(errors, resources.bootstraps)];
    const isSound = ![...sourceFindings, ...findings].some(isError);
    if (isEmpty(resources)) {
      if (this.#lastGood !== null) return nothingLeft([...findings, allGone]);
      if (isSound) findings.push(noResources);
    }
    findings.push(...emptiedFiles(this.#lastGood, resources, files));
    const kept = namesOf(resources, read.resources);
    const rejected = [...new Set([...refusedNames(read), ...kept])];
    if (errors.some(({ path }) => path !== null)) rejected.push(...bootstrapName(resources));
    const settings = merged.ok ? merged.value : this.#settings;
    if (settings === null) {
      return { loaded: null, flagErrors, findings, rejected, kept, keepsSecrets: false };
    }
    this.#localTls ??= settings.localTls;
    const fixed = { firstBindablePort: this.#firstBindablePort, localTls: this.#localTls };
    const proxy = { ...settings.proxy, ...fixed };
    const nowMs = this.#clock.wall();
    this.#lastRead = { resources, read: read.read, settings: proxy, nowMs };
    const translated = translateMesh(resources, proxy, { nowMs, held: this.#held });
    const { statuses } = translated;
    const keepsSecrets = this.#hold(translated);
    const unread = [...sourceFindings, ...read.findings].some(isWithoutResource);
    const missing = unread ? null : missingKinds(read, kept);
    this.#lastGood = resources;
    this.#settings = settings;
    return {
      loaded: {
        mesh: translated.mesh,
        secrets: translated.secrets,
        fileFields: fileFieldsOf(resources),
        resources: describeResources(resources, read, { rejected, kept, statuses }),
        settings,
      },
      flagErrors,
      findings: [...findings, ...withoutConsequentFindings(translated.findings, missing)],
      rejected,
      kept,
      keepsSecrets,
    };
  }

  /**
   * What analyzers say of the last load beside `found`, which is what was found of it before, less
   * what annotations and `suppressions` switch off.
   */
  analyze(found: readonly Finding[], suppressions: readonly Suppression[] = []): Finding[] {
    const context = this.#lastRead;
    if (context === null) return [...found];
    return withoutSuppressed(combinedFindings(found, analyze(context)), context.read, suppressions);
  }

  /** As the secret store does. Whether one is held that the configuration does not have any more. */
  #hold({ mesh, secrets }: Translation): boolean {
    const given = new Set(secrets.map(({ name }) => name));
    const kept = [...secretNamesOf(mesh)].filter(
      (name) => this.#held.has(name) && !given.has(name),
    );
    this.#held = new Set([...given, ...kept]);
    return kept.length > 0;
  }

  /** Where a Bootstrap turns out to allow servers without a certificate, all is looked at again. */
  #read(files: readonly SourceFile[]): LoadedResources {
    const known = this.#localTls ?? this.#flags.localTls;
    const read = this.#loader.load(files, known ?? false);
    if (known !== undefined) return read;
    const isWanted = read.resources.bootstraps.at(-1)?.spec.listeners?.localTls ?? false;
    return isWanted ? this.#loader.load(files, isWanted) : read;
  }
}

function nothingLeft(findings: readonly Finding[]): LoadOutcome {
  return {
    loaded: null,
    flagErrors: [],
    findings,
    rejected: [],
    kept: [],
    keepsSecrets: false,
  };
}

function refusedNames(read: LoadedResources): string[] {
  return read.refused.map(({ kind, namespace, name }) => resourceLabel(kind, namespace, name));
}

/** Kinds of refused resources that have no last good version. */
function missingKinds(read: LoadedResources, kept: readonly string[]): ReadonlySet<KindName> {
  const missing = read.refused.filter(
    ({ kind, namespace, name }) => !kept.includes(resourceLabel(kind, namespace, name)),
  );
  return new Set(missing.map(({ kind }) => kind));
}

/** Labels of the resources in `all` that are not among `read`. */
function namesOf(all: ResourceSet, read: ResourceSet): string[] {
  const lists = Object.values(read) as readonly (readonly object[])[];
  const known = new Set(lists.flat());
  return Object.values(all)
    .flat()
    .filter((resource) => !known.has(resource))
    .map(({ kind, metadata }) => resourceLabel(kind, metadata.namespace, metadata.name));
}

function bootstrapName({ bootstraps }: ResourceSet): string[] {
  return bootstraps
    .slice(-1)
    .map(({ kind, metadata }) => resourceLabel(kind, metadata.namespace, metadata.name));
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

function isEmpty(resources: ResourceSet): boolean {
  return Object.values(resources).every((list) => list.length === 0);
}

/** To start without any is a mistake in the paths. */
const noResources: Finding = {
  code: findingCode.noResources,
  severity: severityOf[findingCode.noResources],
  message: 'no resources found',
  hint: null,
  file: '',
  line: 0,
  column: 0,
  path: '',
  resource: '',
};

/** Rather a disk that is full, or a folder that is being replaced, than a wish to serve nothing. */
const allGone: Finding = {
  ...noResources,
  message: 'no resources are left; the last good configuration goes on',
  hint: 'to serve nothing, end sluice',
};
