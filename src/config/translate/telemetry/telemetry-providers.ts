/** Providers of telemetry by name, and names that lead nowhere. */

import type { TelemetryDefaults } from '../../proxy-settings.ts';
import type { ExtensionProvider } from '../../schema/extension-providers.ts';
import { nearestName } from '../../schema/suggest.ts';
import {
  type FindingPlace,
  type TranslationFindings,
  translationCode,
} from '../translation-findings.ts';

/** A provider that something names, and where. */
export interface NamedProvider {
  readonly name: string;
  readonly place: FindingPlace;
}

type ProviderKind = Exclude<keyof ExtensionProvider, 'name'>;

/** What is asked of a provider. */
export interface ProviderUse {
  readonly kinds: readonly ProviderKind[];
  /** For people, as `access logs`. */
  readonly what: string;
}

export class Providers {
  readonly #known: readonly ExtensionProvider[];
  readonly #findings: TranslationFindings;

  constructor({ providers }: TelemetryDefaults, findings: TranslationFindings) {
    this.#known = providers;
    this.#findings = findings;
  }

  /** Case does not count. null, with a finding: there is none that could do it. */
  find({ name, place }: NamedProvider, { kinds, what }: ProviderUse): ExtensionProvider | null {
    const lower = name.toLowerCase();
    const provider = this.#known.find((known) => known.name.toLowerCase() === lower);
    if (provider === undefined) {
      this.#reportUnknown(name, place);
      return null;
    }
    if (kinds.some((kind) => provider[kind] !== undefined)) return provider;
    const kind = Object.keys(provider).find((field) => field !== 'name') ?? 'of no kind';
    this.#findings.add(translationCode.unusableProvider, place, {
      message: `the provider "${name}" (${kind}) takes no ${what}`,
      hint: `${what} are for ${kinds.join(' or ')}`,
    });
    return null;
  }

  #reportUnknown(name: string, place: FindingPlace): void {
    const names = this.#known.map((known) => known.name);
    const near = nearestName(name, names);
    this.#findings.add(translationCode.unknownProvider, place, {
      message: `there is no provider "${name}"; nothing is sent to it`,
      hint:
        near === null
          ? `name one of ${names.join(', ')}, or add it to meshConfig.extensionProviders`
          : `did you mean "${near}"?`,
    });
  }
}
