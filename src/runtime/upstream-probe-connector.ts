/** Connections of health checks: opened like those of requests, TLS and all. */

import type { Socket } from 'node:net';
import type { ProbeTarget } from '../cluster/health/health-probe.ts';
import type { ProbeConnector } from '../cluster/health/probe-connector.ts';
import type { UpstreamTls } from '../model/tls.ts';
import type { TlsContexts } from '../transport/tls-contexts.ts';
import { openUpstream } from '../transport/upstream-socket.ts';
import { UpstreamTlsClient } from '../transport/upstream-tls-client.ts';

export class UpstreamProbeConnector implements ProbeConnector {
  readonly #contexts: TlsContexts;

  constructor(contexts: TlsContexts) {
    this.#contexts = contexts;
  }

  connect(target: ProbeTarget, tls: UpstreamTls | null, onOpen: () => void): Socket {
    return openUpstream({
      endpoint: target,
      read: null,
      tls: tls === null ? null : this.#client(tls),
      isForbidden: null,
      onOpen,
    });
  }

  /**
   * Each check begins a session of its own, and counts as a check. The server name, which stands
   * for the hosts of requests, must be in the certificate where those must.
   */
  #client(tls: UpstreamTls): UpstreamTlsClient {
    const contexts = this.#contexts;
    return new UpstreamTlsClient({ tls, host: tls.sni, protocol: null, contexts, stats: null });
  }
}
