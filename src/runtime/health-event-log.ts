/** Log lines about endpoints that health checks or outlier detection turn: Envoy's event logs. */

import type { HealthEvent } from '../cluster/health/health-event.ts';
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
      case 'ejected':
        log.info('endpoint is ejected', { ...fields, reason });
        break;
      case 'returned':
        log.info('endpoint is back after its ejection', fields);
        break;
    }
  };
}
