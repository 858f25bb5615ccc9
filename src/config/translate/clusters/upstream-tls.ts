/** TLS towards the endpoints of a cluster, as Istio sets up Envoy for it (cluster_tls.go). */

import type { UpstreamProtocol } from '../../../model/cluster.ts';
import type { PeerValidation, SecretName, UpstreamTls } from '../../../model/tls.ts';
import { isConfigMapCredential, isNoCredential } from '../../registry/config-map-credential.ts';
import { isHttp } from '../../registry/protocol.ts';
import type { RegistryPort, RegistryService } from '../../registry/service.ts';
import type { ClientTlsSettings, TrafficPolicy } from '../../schema/destination-rule.ts';
import type { MergedDestinationRule, RuleSubset } from '../rules/destination-rules.ts';
import { portSettings } from '../rules/traffic-policy.ts';
import type { Scope } from '../scope.ts';
import { fileSecret, identityFiles } from '../secrets/file-secrets.ts';
import { type FindingPlace, translationCode } from '../translation-findings.ts';

export interface UpstreamTlsContext {
  readonly scope: Scope;
  readonly service: RegistryService;
  readonly port: RegistryPort;
  readonly rule: MergedDestinationRule | null;
  readonly subset: RuleSubset | null;
  /** What requests speak. */
  readonly protocol: UpstreamProtocol;
}

/** `tls` is that of the policy that holds for the cluster. null: clear text. */
export function translateUpstreamTls(
  context: UpstreamTlsContext,
  tls: ClientTlsSettings | undefined,
): UpstreamTls | null {
  if (tls === undefined) return null;
  const place = placeOf(tls, context);
  switch (tls.mode) {
    case 'SIMPLE':
    case 'MUTUAL':
      return isSecretWithheld(context, tls)
        ? plainText(context, place, 'a sidecar is given no Secret by a rule for all workloads')
        : ofSettings(context, tls, place);
    case 'ISTIO_MUTUAL':
      return ofMesh(context, tls, place);
    default:
      reportIdleSettings(context, tls, place);
      return null;
  }
}

function ofSettings(
  context: UpstreamTlsContext,
  tls: ClientTlsSettings,
  place: FindingPlace,
): UpstreamTls {
  const { scope, service, protocol } = context;
  const { sni = '', subjectAltNames = [], insecureSkipVerify = false } = tls;
  const isNamed = sni !== '' || subjectAltNames.length > 0;
  const validation = insecureSkipVerify ? null : validationOf(context, tls, place);
  const translated: UpstreamTls = {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    cipherSuites: scope.settings.mesh.tlsDefaults.cipherSuites,
    sni: sni === '' ? null : sni,
    certificate: tls.mode === 'MUTUAL' ? certificateOf(context, tls, place) : null,
    validation,
    autoSanValidation: validation !== null && !isNamed,
    alpn: protocol === 'http2' ? ['h2'] : [],
  };
  if (validation === null) {
    scope.findings.add(translationCode.unverifiedEndpoint, below(place, 'insecureSkipVerify'), {
      message: `whoever answers for ${service.host} is believed: its certificate is not checked`,
      hint: 'where the endpoints are yours, name their authority in caCertificates',
    });
  }
  reportUncheckedName(context, translated, place);
  return translated;
}

/** As between the sidecars of a mesh, with the files that Istio's agent writes. */
function ofMesh(
  context: UpstreamTlsContext,
  tls: ClientTlsSettings,
  place: FindingPlace,
): UpstreamTls | null {
  const { scope, service, port, subset, protocol } = context;
  const { identityFolder } = scope.settings;
  if (identityFolder === null) {
    return plainText(context, place, 'the proxy has no certificate of the mesh');
  }
  const { sni = '', subjectAltNames = [] } = tls;
  const files = identityFiles(identityFolder);
  const name = `outbound_.${port.number}_.${subset?.spec.name ?? ''}_.${service.host}`;
  return {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    cipherSuites: null,
    sni: sni === '' ? name : sni,
    certificate: files.certificate,
    validation: peers(files.authorities, subjectAltNames),
    autoSanValidation: false,
    alpn: isHttp(port.protocol) ? meshAlpn(protocol) : ['istio'],
  };
}

/** By these a sidecar tells the mesh's own TLS from that of clients. */
function meshAlpn(protocol: UpstreamProtocol): string[] {
  return protocol === 'http2'
    ? ['istio-h2', 'istio', 'h2']
    : ['istio-http/1.1', 'istio', 'http/1.1'];
}

function certificateOf(
  { scope }: UpstreamTlsContext,
  tls: ClientTlsSettings,
  place: FindingPlace,
): SecretName {
  const { clientCertificate = '', privateKey = '' } = tls;
  const credentialPlace = below(place, 'credentialName');
  if (tls.shownCredential !== undefined) {
    return scope.secrets.keyPair(tls.shownCredential, credentialPlace, { isGranted: true });
  }
  const { credentialName = '' } = tls;
  return credentialName === ''
    ? fileSecret([clientCertificate, privateKey])
    : scope.secrets.keyPair(credentialName, credentialPlace);
}

/** The names of a ServiceEntry count where the rule has none. */
function validationOf(
  { scope, service }: UpstreamTlsContext,
  tls: ClientTlsSettings,
  place: FindingPlace,
): PeerValidation {
  const { credentialName = '', caCertificates = '', caCrl = '', subjectAltNames = [] } = tls;
  const names = subjectAltNames.length > 0 ? subjectAltNames : service.subjectAltNames;
  if (credentialName !== '') {
    return peers(scope.secrets.authorities(credentialName, below(place, 'credentialName')), names);
  }
  if (caCertificates === '') {
    if (caCrl !== '') {
      scope.findings.add(translationCode.idleTlsSettings, below(place, 'caCrl'), {
        message: 'caCrl has no effect with the authorities of the system',
        hint: 'name the authority whose list it is in caCertificates',
      });
    }
    return peers(null, names);
  }
  return peers(fileSecret(caCrl === '' ? [caCertificates] : [caCertificates, caCrl]), names);
}

function peers(trustedCa: SecretName | null, subjectAltNames: readonly string[]): PeerValidation {
  return { trustedCa, subjectAltNames, spkiHashes: [], certificateHashes: [] };
}

/**
 * Istio would give the Secret to every sidecar that sees the rule; one that selects its workloads,
 * and a gateway, may have it.
 */
function isSecretWithheld(
  { scope, rule, subset }: UpstreamTlsContext,
  { credentialName = '' }: ClientTlsSettings,
): boolean {
  if (credentialName === '' || isPublic(credentialName) || scope.servesGateways) return false;
  const resource = rule?.resource ?? subset?.resource;
  return scope.settings.outbound.length > 0 && resource?.spec.workloadSelector === undefined;
}

/** Authorities alone. */
function isPublic(credentialName: string): boolean {
  return isConfigMapCredential(credentialName) || isNoCredential(credentialName);
}

/** Better said than found out: the user asked for TLS, and the requests are readable on the way. */
function plainText({ scope, service }: UpstreamTlsContext, place: FindingPlace, why: string): null {
  scope.findings.add(translationCode.plainTextUpstream, place, {
    message: `requests to ${service.host} are sent in plain text: ${why}`,
    hint: 'nothing to do where endpoints take it; else name certificates (docs/messages.md)',
  });
  return null;
}

/** Any certificate of an authority will do then, whoever it is for. */
function reportUncheckedName(
  { scope, service, port }: UpstreamTlsContext,
  { validation, autoSanValidation }: UpstreamTls,
  place: FindingPlace,
): void {
  if (validation === null || validation.subjectAltNames.length > 0) return;
  if (autoSanValidation && isHttp(port.protocol)) return;
  const why = autoSanValidation ? 'a connection has no Host' : 'sni takes the place of the Host';
  scope.findings.add(translationCode.uncheckedName, place, {
    message: `the name in the certificate of ${service.host} is not checked: ${why}`,
    hint: 'list the names that it may have in subjectAltNames',
  });
}

function reportIdleSettings(
  { scope }: UpstreamTlsContext,
  { mode = 'DISABLE', ...settings }: ClientTlsSettings,
  place: FindingPlace,
): void {
  const [field] = Object.keys(settings);
  if (field === undefined) return;
  scope.findings.add(translationCode.idleTlsSettings, below(place, field), {
    message: `${field} has no effect with the mode ${mode}`,
    hint: 'set mode to SIMPLE or MUTUAL for TLS, or remove it',
  });
}

function below({ resource, path }: FindingPlace, field: string): FindingPlace {
  return { resource, path: [...path, field] };
}

/** Where the settings stand that hold for the port and the subset. */
function placeOf(tls: ClientTlsSettings, { rule, subset, port }: UpstreamTlsContext): FindingPlace {
  if (subset !== null) {
    const path = [...subset.path, 'trafficPolicy'];
    const found = pathWithin(subset.spec.trafficPolicy, tls, port.number);
    if (found !== null) return { resource: subset.resource, path: [...path, ...found] };
  }
  const found = pathWithin(rule?.trafficPolicy, tls, port.number) ?? ['tls'];
  return { resource: rule?.resource ?? null, path: ['spec', 'trafficPolicy', ...found] };
}

function pathWithin(
  policy: TrafficPolicy | null | undefined,
  tls: ClientTlsSettings,
  port: number,
): (string | number)[] | null {
  if (policy === null || policy === undefined) return null;
  if (policy.tls === tls) return ['tls'];
  const settings = portSettings(policy, port);
  if (settings?.tls !== tls) return null;
  return ['portLevelSettings', policy.portLevelSettings?.indexOf(settings) ?? 0, 'tls'];
}
