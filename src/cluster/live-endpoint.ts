/**
 * The running side of one endpoint. It is kept by cluster name and address while configurations
 * come and go, so that ejections, counts and connections outlive a reload.
 */

import type { Endpoint } from '../model/endpoint.ts';
import { unknownLocality } from '../model/locality.ts';
import type { OutlierMonitor } from './outlier-detection/outlier-monitor.ts';

/** What an endpoint knows of the connections to it: enough to close them. */
export interface EndpointConnections {
  /** Closes idle connections now and the others as their requests end. */
  drain(): void;
}

export class LiveEndpoint {
  /** Name of the cluster that this endpoint belongs to. */
  readonly clusterName: string;
  readonly address: string;
  readonly port: number;
  /** `address:port`, with brackets around an IPv6 address. */
  readonly key: string;
  /** As the newest configuration describes it. */
  model: Endpoint;
  /** Clock.now() when it joined the cluster, or last passed a check again: its warm-up starts. */
  addedAt = 0;

  /** Requests in flight, for LEAST_REQUEST. */
  activeRequests = 0;
  /** Taken out by outlier detection. */
  ejected = false;
  /** Failed active health checks. */
  unhealthy = false;
  /** Said itself that it is to be left alone: it does not even count as one of the endpoints. */
  excluded = false;
  /** The last check, which it failed, got no answer in time. */
  checkTimedOut = false;
  /** What outlier detection counts; null while it does not watch. */
  outlier: OutlierMonitor | null = null;

  /** Set by the proxy when the first connection is made. */
  connections: EndpointConnections | null = null;

  /** Totals for /clusters. */
  requestsTotal = 0;
  requestsSuccess = 0;
  requestsError = 0;
  requestsTimeout = 0;
  /** Of those in flight, what waits for a connection. */
  requestsPending = 0;
  connectionsTotal = 0;
  connectionsActive = 0;
  connectFailures = 0;

  constructor(clusterName: string, address: string, port: number) {
    this.clusterName = clusterName;
    this.address = address;
    this.port = port;
    this.key = endpointKey(address, port);
    const locality = unknownLocality;
    this.model = {
      address,
      port,
      weight: 1,
      locality,
      priority: 0,
      workload: null,
      localityWeight: null,
    };
  }

  get available(): boolean {
    return !this.ejected && !this.unhealthy;
  }
}

/** `address:port`, with brackets around an IPv6 address. */
export function endpointKey(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
