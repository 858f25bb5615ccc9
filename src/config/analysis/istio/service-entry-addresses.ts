/** IST0134: TCP ports of a ServiceEntry that nothing tells from those of others. */

import type { ReadResources } from '../../read-resources.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';

export function* serviceEntryAddresses({ read }: AnalysisContext): Iterable<AnalyzerFinding> {
  if (addressesAreAllocated(read)) return;
  for (const resource of read.serviceEntries) {
    const { addresses = [], ports = [] } = resource.spec;
    if (addresses.length > 0) continue;
    for (const [index, { protocol = '', number = 0 }] of ports.entries()) {
      if (protocol !== '' && protocol.toUpperCase() !== 'TCP') continue;
      yield {
        code: istioCode.addressesRequired,
        resource,
        path: ['spec', 'ports', index],
        message: `port ${number} is TCP, and without "addresses" it is that of every host`,
        hint: 'add addresses, or set the protocol of the port',
      };
    }
  }
}

/** By Istio's agent, which answers DNS of the workloads itself. */
function addressesAreAllocated({ bootstraps }: ReadResources): boolean {
  return bootstraps.some(({ spec }) => {
    const metadata = spec.meshConfig?.defaultConfig?.proxyMetadata ?? {};
    const names = ['ISTIO_META_DNS_CAPTURE', 'ISTIO_META_DNS_AUTO_ALLOCATE'];
    return names.every((name) => metadata[name] === 'true');
  });
}
