/** IST0118, IST0150: ports of Services whose names do not say their protocol. */

import type { ReadResources } from '../../read-resources.ts';
import { kubernetesProtocol } from '../../registry/protocol.ts';
import { nearestName } from '../../schema/suggest.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';

type Service = ReadResources['services'][number];
type ServicePort = NonNullable<Service['spec']['ports']>[number];

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
      yield { code: istioCode.portName, resource, path, ...protocolless({ ...rest, port }) };
    }
  }
}

/** An appProtocol counts alone, whatever the name says. */
function protocolless({
  port = 0,
  name = 'it has none',
  appProtocol = '',
}: ServicePort): Pick<AnalyzerFinding, 'message' | 'hint'> {
  if (appProtocol === '') {
    return {
      message: `the name of port ${port} (${name}) says no protocol; it is detected`,
      hint: 'begin the name with the protocol, like "http-web" or "grpc", or set appProtocol',
    };
  }
  const near = nearestName(appProtocol, protocolNames);
  return {
    message: `the appProtocol "${appProtocol}" of port ${port} is none that is known; it is detected`,
    hint: near === null ? `one of ${protocolNames.join(', ')}` : `did you mean "${near}"?`,
  };
}

const protocolNames = [
  'http',
  'http2',
  'grpc',
  'https',
  'tls',
  'tcp',
  'grpc-web',
  'mongo',
  'redis',
];

/** Of the control plane, or made by Istio for a Gateway. */
function isOfIstio({ metadata: { labels } }: Service): boolean {
  if ('istio' in labels || labels['release'] === 'istio') return true;
  return (labels[managedLabel] ?? '').startsWith('istio.io-');
}
