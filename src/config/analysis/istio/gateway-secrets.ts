/** IST0101, IST0161: Secrets that servers of a Gateway name, and that are not there or useless. */

import type { Path } from '../../problem.ts';
import type { ReadResources } from '../../read-resources.ts';
import { keyPairOf, SecretIndex, type SecretResource } from '../../registry/secrets.ts';
import { leafCertificate } from '../../translate/secrets/certificate-checks.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';
import { noPods } from './gateway-ports.ts';
import { podsOf, Selectable } from './selector.ts';

type Gateway = ReadResources['gateways'][number];

/** Where a Secret is named. */
interface Credential {
  readonly resource: Gateway;
  readonly name: string;
  readonly path: Path;
}

export function* gatewaySecrets(context: AnalysisContext): Iterable<AnalyzerFinding> {
  const { read, settings, nowMs } = context;
  const pods = new Selectable(podsOf(read));
  // A Secret that was refused is there all the same, and says itself what is wrong with it.
  const secrets = new SecretIndex(read.secrets as readonly SecretResource[]);
  for (const resource of read.gateways) {
    const { selector = {} } = resource.spec;
    const [pod] = pods.selectedBy(selector);
    if (pod === undefined) {
      yield noPods(resource, selector);
      continue;
    }
    // This proxy is given those of its own namespace, wherever the pods of the cluster are.
    const namespaces = [pod.namespace, settings.identity.namespace];
    for (const credential of credentialsOf(resource)) {
      const secret = find(secrets, credential.name, namespaces);
      if (secret === null) yield missing(credential, pod.namespace);
      else if (!isUsable(secret, nowMs)) yield useless(credential, secret);
    }
  }
}

function credentialsOf(resource: Gateway): Credential[] {
  return (resource.spec.servers ?? []).flatMap(({ tls }, index) => {
    const name = tls?.credentialName ?? '';
    const path = ['spec', 'servers', index, 'tls', 'credentialName'];
    return name === '' ? [] : [{ resource, name, path }];
  });
}

function find(
  secrets: SecretIndex,
  credentialName: string,
  namespaces: readonly string[],
): SecretResource | null {
  const [first = '', ...rest] = credentialName
    .replace(/^kubernetes(-gateway)?:\/\//, '')
    .split('/');
  if (rest.length > 0) return secrets.find(first, rest.join('/'));
  for (const namespace of namespaces) {
    const secret = secrets.find(namespace, first);
    if (secret !== null) return secret;
  }
  return null;
}

function isUsable(secret: SecretResource, nowMs: number | null): boolean {
  const pair = keyPairOf(secret);
  const certificate = pair.ok ? leafCertificate(pair.value.certificate) : null;
  if (certificate === null) return false;
  const { validFromDate, validToDate } = certificate;
  return nowMs === null || (validFromDate.getTime() <= nowMs && nowMs <= validToDate.getTime());
}

function missing({ resource, path, name }: Credential, namespace: string): AnalyzerFinding {
  return {
    code: istioCode.referencedResourceNotFound,
    resource,
    path,
    message: `there is no Secret ${name} in ${namespace}, the namespace of the gateway's pods`,
    hint: null,
  };
}

function useless({ resource, path }: Credential, { metadata }: SecretResource): AnalyzerFinding {
  return {
    code: istioCode.invalidGatewayCredential,
    resource,
    path,
    message: `the Secret ${metadata.namespace}/${metadata.name} holds no certificate that can be used`,
    hint: 'it needs tls.crt with a certificate that is valid today, and its key in tls.key',
  };
}
