/**
 * The configuration under test, translated for the proxies that tests speak of: the gateway, and
 * the sidecar of whichever workload sends a request.
 */

import { err, ok, type Result } from '../base/result.ts';
import type { Hash64 } from '../base/xxhash64.ts';
import type { Finding } from '../config/finding.ts';
import { ResourceLoader } from '../config/parse/load.ts';
import type { SourceFile } from '../config/parse/source-file.ts';
import type { ProxySettings } from '../config/proxy-settings.ts';
import type { ResourceSet } from '../config/resource-set.ts';
import { mergeSettings } from '../config/settings/merge-settings.ts';
import type { ProxyFlags } from '../config/settings/proxy-flags.ts';
import type { SettingsError } from '../config/settings/setting.ts';
import { settingsFindings } from '../config/settings/settings-findings.ts';
import { translateMesh } from '../config/translate/mesh.ts';
import { compileConfig } from '../explain/compile-config.ts';
import type { ExplainedConfig } from '../explain/explained-config.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Secret } from '../model/secret.ts';
import { secretNamesOf } from '../runtime/secret-names.ts';
import { formatMistake } from '../telemetry/format/format-mistake.ts';
import { absentGateways } from './absent-gateways.ts';

/** What one proxy serves by. */
export interface TestedProxy {
  readonly mesh: Mesh;
  readonly compiled: ExplainedConfig;
}

/** Who sends a request in the mesh, and to which port of the service. */
export interface Sender {
  /** null: those of the proxy. */
  readonly labels: Readonly<Record<string, string>> | null;
  readonly namespace: string | null;
  /** null: the authority names it. */
  readonly port: number | null;
  /** That it connects to; null: of any service, what is bound here alone. */
  readonly address: string | null;
}

export interface RefusedConfig {
  readonly flagErrors: readonly SettingsError[];
  readonly findings: readonly Finding[];
}

type AssumedSecret = Pick<Secret, 'name' | 'certificate' | 'trustedCa'>;

/** Where sidecars take requests in; nothing is bound. */
const localAddress = '127.0.0.1';
const outboundPort = 15001;

export class RoutingConfig {
  readonly resources: ResourceSet;
  /** VirtualServices that others include, as `namespace/name`. */
  readonly delegates: ReadonlySet<string>;
  readonly #settings: ProxySettings;
  readonly #hash64: Hash64;
  readonly #sidecars = new Map<string, TestedProxy>();
  #gateway: TestedProxy | null = null;

  private constructor(resources: ResourceSet, settings: ProxySettings, hash64: Hash64) {
    this.resources = resources;
    const delegates = resources.virtualServices.filter(
      ({ spec }) => (spec.hosts ?? []).length === 0,
    );
    this.delegates = new Set(
      delegates.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    );
    this.#settings = settings;
    this.#hash64 = hash64;
  }

  /** Errors refuse it, as `sluice run` does; what is doubtful is for `sluice analyze`. */
  static load(
    files: readonly SourceFile[],
    flags: ProxyFlags,
    hash64: Hash64,
  ): Result<RoutingConfig, RefusedConfig> {
    const { resources, findings } = readResources(files);
    const merged = mergeSettings(flags, resources.bootstraps);
    const errors = merged.ok ? [] : merged.error;
    const refusals = [...findings, ...settingsFindings(errors, resources.bootstraps)].filter(
      ({ severity }) => severity === 'error',
    );
    if (!merged.ok || refusals.length > 0) {
      return err({ flagErrors: errors.filter(({ path }) => path === null), findings: refusals });
    }
    const gateways = [...resources.gateways, ...absentGateways(resources)];
    // Every port counts as one that can be bound: nothing is.
    const settings = { ...merged.value.proxy, firstBindablePort: 0 };
    return ok(new RoutingConfig({ ...resources, gateways }, settings, hash64));
  }

  /** The proxy as `sluice run` would start it, for its Gateways. */
  gateway(): TestedProxy {
    this.#gateway ??= this.#translate(this.#settings);
    return this.#gateway;
  }

  sidecarOf(sender: Sender): TestedProxy {
    const key = JSON.stringify([
      sender.port,
      sender.address,
      sender.namespace,
      sortedEntries(sender.labels),
    ]);
    const known = this.#sidecars.get(key);
    if (known !== undefined) return known;
    const { identity } = this.#settings;
    const proxy = this.#translate({
      ...this.#settings,
      outbound: [
        { address: sender.address ?? localAddress, port: outboundPort, servicePort: sender.port },
      ],
      identity: {
        ...identity,
        labels: sender.labels ?? identity.labels,
        namespace: sender.namespace ?? identity.namespace,
      },
    });
    this.#sidecars.set(key, proxy);
    return proxy;
  }

  /** Those that a test has asked for. */
  used(): readonly TestedProxy[] {
    return [...(this.#gateway === null ? [] : [this.#gateway]), ...this.#sidecars.values()];
  }

  #translate(settings: ProxySettings): TestedProxy {
    const { mesh, secrets } = translateMesh(this.resources, settings);
    const known = [...secrets, ...this.#assumedSecrets(mesh)];
    return { mesh, compiled: compileConfig(mesh, this.#hash64, known) };
  }

  /** Rules are mostly kept without Secrets, and files of certificates are where the proxy is. */
  #assumedSecrets(mesh: Mesh): AssumedSecret[] {
    const hasSecrets = this.resources.secrets.length > 0;
    return [...secretNamesOf(mesh)]
      .filter((name) => !hasSecrets || name.startsWith('file://'))
      .map((name) => ({ name, certificate: null, trustedCa: null }));
  }
}

/** Where a Bootstrap turns out to allow servers without a certificate, all is looked at again. */
function readResources(files: readonly SourceFile[]) {
  const loader = new ResourceLoader(formatMistake);
  const read = loader.load(files);
  const isLocalTls = read.resources.bootstraps.at(-1)?.spec.listeners?.localTls ?? false;
  return isLocalTls ? loader.load(files, true) : read;
}

function sortedEntries(labels: Readonly<Record<string, string>> | null) {
  return labels === null ? null : Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}
