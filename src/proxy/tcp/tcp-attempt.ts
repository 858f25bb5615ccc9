/**
 * The one attempt of a TCP connection to reach an endpoint: what the cluster and the endpoint count
 * of it, from the choice of the endpoint to the end of the connection.
 */

import type { Clock } from '../../base/clock.ts';
import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';
import { proxyHeader } from '../../transport/proxy-protocol-writer.ts';
import {
  TcpConnection,
  type TcpConnectionOwner,
  type TcpLoss,
} from '../../transport/tcp-connection.ts';
import type { DownstreamConnection } from '../connection/downstream-connection.ts';
import type { ProxyErrorCode } from '../proxy-error.ts';
import { reportFailure } from '../router/outcome.ts';
import { EndpointGate } from '../upstream/endpoint-gate.ts';
import { tcpTlsFor } from '../upstream/endpoint-pools.ts';
import { isOwnListener } from '../upstream/original-destination.ts';

export class TcpAttempt {
  readonly connection: TcpConnection;
  readonly #cluster: LiveCluster;
  readonly #endpoint: LiveEndpoint;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #over = false;

  /** It has been let in by the circuit breaker as one that waits. */
  constructor(
    owner: TcpConnectionOwner,
    cluster: LiveCluster,
    endpoint: LiveEndpoint,
    downstream: DownstreamConnection,
  ) {
    const { context } = downstream;
    const { connection, discovery, proxyProtocol } = cluster.model;
    this.#cluster = cluster;
    this.#endpoint = endpoint;
    this.#clock = context.clock;
    this.#startedAt = context.clock.now();
    endpoint.activeRequests++;
    endpoint.requestsTotal++;
    this.connection = new TcpConnection(owner, {
      endpoint,
      gate: new EndpointGate(cluster.breaker, endpoint),
      turns: context.turns,
      readBuffer: context.readBuffer,
      tcpKeepalive: connection.tcpKeepalive,
      tls: tcpTlsFor(context, cluster, endpoint),
      prologue: proxyProtocol === null ? '' : proxyHeader(proxyProtocol, downstream.ends),
      isForbidden:
        discovery === 'original-dst'
          ? (ends) => isOwnListener(context.snapshot.mesh.listeners, ends)
          : null,
    });
  }

  onConnected(): void {
    const { breaker, stats } = this.#cluster;
    stats.cxConnectMs.record(this.#clock.now() - this.#startedAt);
    breaker.pendingDone();
    breaker.countRequest();
    this.#cluster.onTcpConnected(this.#endpoint);
  }

  /** The connection was never made. Returns why, in the words of the proxy. */
  onFailed(loss: TcpLoss | null, message: string): ProxyErrorCode {
    this.#cluster.stats.upstreamCxConnectAttemptsExceeded++;
    const code = loss === 'connect-timeout' ? loss : 'connect-refused';
    reportFailure(this.#cluster, this.#endpoint, { code, message });
    return code;
  }

  /** It counts as work no longer. The connection is ended by others. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cluster.stats.cxLengthMs.record(this.#clock.now() - this.#startedAt);
    if (this.connection.connected) this.#cluster.breaker.requestDone();
    else this.#cluster.breaker.pendingDone();
    this.#endpoint.activeRequests--;
  }
}
