/** IST0128, IST0129: TLS to endpoints whose rule names no authority of its own. */

import type { Path } from '../../problem.ts';
import type { Loose, ReadResources } from '../../read-resources.ts';
import type { ClientTlsSettings } from '../../schema/destination-rule.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';

type DestinationRule = ReadResources['destinationRules'][number];

const hint = 'name the authority of the endpoints in caCertificates, if they have one of their own';

export function* certificateVerification({ read }: AnalysisContext): Iterable<AnalyzerFinding> {
  for (const resource of read.destinationRules) {
    const { host = '', trafficPolicy } = resource.spec;
    const { tls, portLevelSettings = [] } = trafficPolicy ?? {};
    if (lacksAuthority(resource, tls)) {
      const path: Path = ['spec', 'trafficPolicy', 'tls'];
      const message = `TLS ${tls?.mode} to ${host} names no authority: the system's are trusted`;
      yield { code: istioCode.noCertificateVerification, resource, path, message, hint };
    }
    for (const [index, settings] of portLevelSettings.entries()) {
      if (!lacksAuthority(resource, settings.tls)) continue;
      const path: Path = ['spec', 'trafficPolicy', 'portLevelSettings', index, 'tls'];
      const where = `port ${settings.port?.number ?? 0} of ${host}`;
      const message = `TLS ${settings.tls?.mode} to ${where} names no authority: the system's are trusted`;
      yield { code: istioCode.noPortCertificateVerification, resource, path, message, hint };
    }
  }
}

/** A Secret counts only where it is given to chosen workloads. */
function lacksAuthority(
  { spec }: DestinationRule,
  tls: Loose<ClientTlsSettings> | undefined,
): boolean {
  if (tls?.mode !== 'SIMPLE' && tls?.mode !== 'MUTUAL') return false;
  const hasSecret = (tls.credentialName ?? '') !== '' && spec.workloadSelector !== undefined;
  return (tls.caCertificates ?? '') === '' && !hasSecret;
}
