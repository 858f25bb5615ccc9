/**
 * Secrets that the model names. Each is looked for when it is named; what is found travels beside
 * the model, and what is not, or cannot be used, is a finding that never shows what is in a Secret.
 */

import type { Secret } from '../../../model/secret.ts';
import type { SecretName } from '../../../model/tls.ts';
import { isConfigMapCredential, isNoCredential } from '../../registry/config-map-credential.ts';
import { ConfigMapIndex } from '../../registry/config-maps.ts';
import {
  authoritiesOf,
  keyPairOf,
  SecretIndex,
  type SecretResource,
} from '../../registry/secrets.ts';
import { originOf } from '../../resource.ts';
import type { ResourceSet } from '../../resource-set.ts';
import { nearestName } from '../../schema/suggest.ts';
import {
  type FindingPlace,
  type TranslationCode,
  type TranslationFindings,
  translationCode,
} from '../translation-findings.ts';
import { authorityMistakes, keyPairMistakes, type PemMistake } from './certificate-checks.ts';
import { configMapAuthorities } from './config-map-authorities.ts';

export interface SecretContext {
  /** Of the proxy: a proxy is given the Secrets of its own namespace only. */
  readonly namespace: string;
  /** Time since the epoch; null: nothing has expired. */
  readonly nowMs: number | null;
  /** Secrets that the running proxy goes on with where they cannot be used any more. */
  readonly held: ReadonlySet<SecretName>;
  readonly findings: TranslationFindings;
}

/** What a Secret's name ends with that holds only authorities. */
const authoritySuffix = '-cacert';

/** Of the Gateway API. */
const gatewayScheme = 'kubernetes-gateway://';
const ownScheme = 'kubernetes://';

/** Istio's ways to write a Secret; a namespace may follow. */
const schemes = [ownScheme, gatewayScheme];

/** What connections get while a secret is missing. */
type Substitute = 'none' | 'local-certificates';

const consequences: Readonly<Record<Substitute, string>> = {
  none: 'connections that need it are closed',
  'local-certificates': 'the local authority signs certificates in its place',
};

export interface CredentialUse {
  /** Default `none`. */
  readonly substitute?: Substitute;
  /** Whoever made the name has looked whether the Secret may be used, of whatever namespace. */
  readonly isGranted?: boolean;
}

interface Wanted {
  /** It is of another namespace than the proxy, and may be used all the same. */
  readonly isGranted: boolean;
  readonly namespace: string;
  readonly name: string;
}

interface Search {
  /** The first that is there. */
  readonly names: readonly string[];
  /** What it should have. */
  readonly keys: string;
  readonly use: Use;
}

/** Where a Secret is named, and what there is without it. */
interface Use {
  readonly name: SecretName;
  readonly place: FindingPlace;
  readonly substitute: Substitute;
}

export class SecretReferences {
  readonly #index: SecretIndex;
  readonly #configMaps: ConfigMapIndex;
  readonly #context: SecretContext;
  /** By name; null for what was looked for in vain. */
  readonly #found = new Map<SecretName, Secret | null>();

  constructor(resources: Pick<ResourceSet, 'secrets' | 'configMaps'>, context: SecretContext) {
    this.#index = new SecretIndex(resources.secrets);
    this.#configMaps = new ConfigMapIndex(resources.configMaps);
    this.#context = context;
  }

  /** A certificate with its key, by a `credentialName` that stands at `place`. */
  keyPair(
    credentialName: string,
    place: FindingPlace,
    { substitute = 'none', isGranted = false }: CredentialUse = {},
  ): SecretName {
    const wanted = this.#parse(credentialName, isGranted);
    const name = secretName(wanted);
    if (!this.#found.has(name)) {
      const use = { name, place, substitute };
      const keys = 'tls.crt and tls.key';
      const secret = this.#find(wanted, { names: [wanted.name], keys, use });
      this.#found.set(name, secret === null ? null : this.#readKeyPair(secret, use));
    }
    return name;
  }

  /**
   * The authorities that belong to a `credentialName`: of the Secret with `-cacert` after its name,
   * or else of the Secret itself. Or those of a ConfigMap.
   */
  authorities(
    credentialName: string,
    place: FindingPlace,
    { isGranted = false }: CredentialUse = {},
  ): SecretName {
    if (isConfigMapCredential(credentialName)) return this.#ofConfigMaps(credentialName, place);
    // Who made the name has told why.
    if (isNoCredential(credentialName)) return credentialName;
    const wanted = this.#parse(`${credentialName}${authoritySuffix}`, isGranted);
    return this.#authorities(wanted, place);
  }

  /** Those of a `caCertCredentialName`, which Istio only knows for one by how it ends. */
  ownAuthorities(caCertCredentialName: string, place: FindingPlace): SecretName {
    if (isConfigMapCredential(caCertCredentialName)) {
      return this.#ofConfigMaps(caCertCredentialName, place);
    }
    if (caCertCredentialName.endsWith(authoritySuffix)) {
      return this.#authorities(this.#parse(caCertCredentialName, false), place);
    }
    const name = secretName(this.#parse(caCertCredentialName, false));
    this.#context.findings.add(translationCode.missingSecret, place, {
      message: `the Secret ${caCertCredentialName} is not used, and every connection is closed`,
      hint: `the name of a Secret for authorities must end with "${authoritySuffix}"`,
    });
    return name;
  }

  /** null for one that cannot be used, or is no Secret of the configuration. */
  found(name: SecretName): Secret | null {
    return this.#found.get(name) ?? null;
  }

  /** Those that were found, in the order in which they were asked for. */
  list(): readonly Secret[] {
    return [...this.#found.values()].filter((secret) => secret !== null);
  }

  #authorities(wanted: Wanted, place: FindingPlace): SecretName {
    const name = secretName(wanted);
    if (!this.#found.has(name)) {
      const names = [wanted.name, wanted.name.slice(0, -authoritySuffix.length)];
      const use = { name, place, substitute: 'none' } as const;
      const secret = this.#find(wanted, { names, keys: 'ca.crt', use });
      this.#found.set(name, secret === null ? null : this.#readAuthorities(secret, use));
    }
    return name;
  }

  #ofConfigMaps(name: SecretName, place: FindingPlace): SecretName {
    if (!this.#found.has(name)) {
      const { nowMs, findings } = this.#context;
      const consequence = this.#consequence({ name, place, substitute: 'none' });
      const context = { index: this.#configMaps, nowMs, findings, consequence };
      this.#found.set(name, configMapAuthorities(name, place, context));
    }
    return name;
  }

  /** Who writes a name with the scheme of the Gateway API is granted nothing by it. */
  #parse(credentialName: string, mayBeElsewhere: boolean): Wanted {
    const { namespace: own } = this.#context;
    const scheme = schemes.find((start) => credentialName.startsWith(start)) ?? '';
    const rest = credentialName.slice(scheme.length);
    const slash = rest.indexOf('/');
    if (slash === -1) return { namespace: own, name: rest, isGranted: false };
    const namespace = rest.slice(0, slash);
    const isGranted = mayBeElsewhere && scheme === gatewayScheme && namespace !== own;
    return { namespace, name: rest.slice(slash + 1), isGranted };
  }

  #find({ namespace, name, isGranted }: Wanted, search: Search): SecretResource | null {
    const { findings } = this.#context;
    const own = isGranted ? namespace : this.#context.namespace;
    const { names, keys, use } = search;
    if (namespace === own) {
      for (const candidate of names) {
        const secret = this.#index.find(namespace, candidate);
        if (secret !== null) return secret;
      }
    }
    const [other] = names.flatMap((candidate) => this.#index.namespacesOf(candidate));
    const near = nearestName(name, this.#index.namesIn(own));
    const add = `add a Secret "${name}" with ${keys} to namespace ${own}`;
    const whose = isGranted ? '' : ', the namespace of the proxy';
    const hint =
      other === undefined
        ? `${near === null ? '' : `did you mean "${near}"? If not, `}${add}`
        : `it is in namespace ${other}, but must be in ${own}${whose}`;
    findings.add(missingCode(use.substitute), use.place, {
      message: `there is no Secret ${own}/${name}; ${this.#consequence(use)}`,
      hint,
    });
    return null;
  }

  #readKeyPair(resource: SecretResource, use: Use): Secret | null {
    const pair = keyPairOf(resource);
    if (!pair.ok) {
      return this.#reportKeys(resource, pair.error, { ...use, hint: 'add tls.crt and tls.key' });
    }
    const mistakes = keyPairMistakes(pair.value, this.#context.nowMs);
    this.#report(resource, mistakes, use);
    if (mistakes.some(({ isFatal }) => isFatal)) return null;
    const { certificate, privateKey } = pair.value;
    const { name } = use;
    const origin = originOf(resource);
    return { name, certificate, privateKey, trustedCa: null, revocationList: null, origin };
  }

  #readAuthorities(resource: SecretResource, use: Use): Secret | null {
    const authorities = authoritiesOf(resource);
    if (!authorities.ok) {
      const { name: own } = resource.metadata;
      const elsewhere = own.endsWith(authoritySuffix)
        ? ''
        : `, or a Secret "${own}-cacert" with it`;
      return this.#reportKeys(resource, authorities.error, {
        ...use,
        hint: `add ca.crt${elsewhere}`,
      });
    }
    const mistakes = authorityMistakes(authorities.value, this.#context.nowMs);
    this.#report(resource, mistakes, use);
    if (mistakes.some(({ isFatal }) => isFatal)) return null;
    const { trustedCa, revocationList } = authorities.value;
    const { name } = use;
    const origin = originOf(resource);
    return { name, certificate: null, privateKey: null, trustedCa, revocationList, origin };
  }

  #reportKeys(
    { metadata }: SecretResource,
    mistake: string,
    { hint, ...use }: Use & { readonly hint: string },
  ): null {
    const name = `${metadata.namespace}/${metadata.name}`;
    this.#context.findings.add(missingCode(use.substitute), use.place, {
      message: `the Secret ${name} cannot be used: ${mistake}; ${this.#consequence(use)}`,
      hint,
    });
    return null;
  }

  #consequence({ name, substitute }: Use): string {
    return this.#context.held.has(name)
      ? 'its last good version is used'
      : consequences[substitute];
  }

  #report(resource: SecretResource, mistakes: readonly PemMistake[], use: Use): void {
    for (const { key, message, hint, isFatal } of mistakes) {
      const field = resource.spec.stringData?.[key] === undefined ? 'data' : 'stringData';
      this.#context.findings.add(
        translationCode.badCertificate,
        { resource, path: [field, key] },
        { message: isFatal ? `${message}; ${this.#consequence(use)}` : message, hint },
      );
    }
  }
}

function missingCode(substitute: Substitute): TranslationCode {
  return substitute === 'none' ? translationCode.missingSecret : translationCode.locallySigned;
}

/** What was granted to one must not be found by the name that another wrote. */
function secretName({ namespace, name, isGranted }: Wanted): SecretName {
  return `${isGranted ? gatewayScheme : ownScheme}${namespace}/${name}`;
}
