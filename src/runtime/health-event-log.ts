/** Log lines about endpoints that an active health check has turned: Envoy's health check events. */

import type { HealthEvent } from '../cluster/health-checker.ts';
import type { Logger } from '../telemetry/logger.ts';

export function healthEventLogger(log: Logger): (event: HealthEvent) => void {
  return ({ kind, endpoint, reason }) => {
    const fields = { cluster: endpoint.clusterName, endpoint: endpoint.key };
    switch (kind) {
      case 'healthy':
        log.info('endpoint is healthy', fields);
        break;
      case 'first-check-passed':
        // A line for each endpoint at every start would hide the others.
        log.debug('endpoint passed its first health check', fields);
        break;
      case 'unhealthy':
        log.warning('endpoint is unhealthy', { ...fields, reason });
        break;
      case 'first-check-failed':
        log.warning('endpoint failed its first health check', { ...fields, reason });
        break;
    }
  };
}
