/** IST0118, IST0150: ports of Services whose names do not say their protocol. */

import type { ReadResources } from '../../read-resources.ts';
import { kubernetesProtocol } from '../../registry/protocol.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';

type Service = ReadResources['services'][number];

const managedLabel = 'gateway.istio.io/managed';

export function* portNames({ read }: AnalysisContext): Iterable<AnalyzerFinding> {
  for (const resource of read.services) {
    if (isOfIstio(resource)) continue;
    const isExternal = resource.spec.type === 'ExternalName';
    for (const [index, { port = 0, ...rest }] of (resource.spec.ports ?? []).entries()) {
      const isPlainTcp = isExternal && rest.name === 'tcp';
      if (kubernetesProtocol({ ...rest, port }) !== 'UNSPECIFIED' && !isPlainTcp) continue;
      const path = ['spec', 'ports', index];
      if (isExternal) {
        yield {
          code: istioCode.externalNamePort,
          resource,
          path,
          message: `port ${port} of an ExternalName does not name a protocol other than plain TCP`,
          hint: 'name it like "http", "https" or "tcp-NAME": it would take the port of all hosts',
        };
        continue;
      }
      yield {
        code: istioCode.portName,
        resource,
        path,
        message: `the name of port ${port} (${rest.name ?? 'it has none'}) says no protocol; it is detected`,
        hint: 'begin the name with the protocol, like "http-web" or "grpc", or set appProtocol',
      };
    }
  }
}

/** Of the control plane, or made by Istio for a Gateway. */
function isOfIstio({ metadata: { labels } }: Service): boolean {
  if ('istio' in labels || labels['release'] === 'istio') return true;
  return (labels[managedLabel] ?? '').startsWith('istio.io-');
}
