/** Log lines about names that cannot be resolved any more, and those that can be again. */

import type { DnsEvent } from '../cluster/discovery/dns-discovery.ts';
import type { Logger } from '../telemetry/logger.ts';

export function dnsEventLogger(log: Logger): (event: DnsEvent) => void {
  return ({ kind, cluster, name, reason, endpoints }) => {
    const fields = { cluster, name, endpoints };
    switch (kind) {
      case 'resolved':
        log.info('name has addresses again', fields);
        break;
      case 'empty':
        log.warning('name has no address', fields);
        break;
      case 'failed':
        // What it had before serves on.
        log.warning('name cannot be resolved', { ...fields, reason });
        break;
    }
  };
}
