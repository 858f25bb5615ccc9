/** IST0138: two Gateways of the same pods that show one certificate. */

import type { Loose, ReadResources } from '../../read-resources.ts';
import type { ServerTlsSettings } from '../../schema/gateway.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';
import { fullName } from './names.ts';
import { selects } from './selector.ts';

type Gateway = ReadResources['gateways'][number];

/**
 * Browsers reuse an HTTP/2 connection for all hosts of its certificate: requests for the hosts of
 * one Gateway come to the other, which answers 404.
 */
export function* gatewayCertificates({ read }: AnalysisContext): Iterable<AnalyzerFinding> {
  const withTls = read.gateways.filter(({ spec }) => spec.servers?.some(({ tls }) => tls) === true);
  for (const resource of withTls) {
    const { selector = {}, servers = [] } = resource.spec;
    for (const other of othersWithPods(withTls, resource, selector)) {
      for (const [index, { tls }] of servers.entries()) {
        for (const { tls: otherTls } of other.spec.servers ?? []) {
          if (!isSameCertificate(tls, otherTls)) continue;
          yield {
            code: istioCode.duplicateCertificate,
            resource,
            path: ['spec', 'servers', index, 'tls'],
            message: `the Gateway ${fullName(other)} shows the same certificate to clients`,
            hint: 'browsers reuse a connection for all its hosts: put both servers into one Gateway',
          };
        }
      }
    }
  }
}

function othersWithPods(
  gateways: readonly Gateway[],
  resource: Gateway,
  selector: Readonly<Record<string, string | undefined>>,
): Gateway[] {
  return gateways.filter(
    (other) => other !== resource && selects(selector, other.spec.selector ?? {}),
  );
}

type Tls = Loose<ServerTlsSettings> | undefined;

function isSameCertificate(a: Tls, b: Tls): boolean {
  const names = [a?.credentialName ?? '', b?.credentialName ?? ''];
  if (names[0] !== '' || names[1] !== '') return names[0] === names[1];
  return (
    isSameFile(a?.serverCertificate, b?.serverCertificate) &&
    isSameFile(a?.privateKey, b?.privateKey)
  );
}

function isSameFile(a = '', b = ''): boolean {
  return a !== '' && a === b;
}
