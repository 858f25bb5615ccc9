/** How health checks come to their connections: to speak TLS is not the business of this folder. */

import type { Socket } from 'node:net';
import type { UpstreamTls } from '../../model/tls.ts';
import type { ProbeTarget } from './health-probe.ts';

/** Opens the connections of checks. */
export interface ProbeConnector {
  /** Bytes pass from `onOpen` on; whatever keeps the socket from it is one of its errors. */
  connect(target: ProbeTarget, tls: UpstreamTls | null, onOpen: () => void): Socket;
}

/** What a check needs to begin. */
export interface ProbeStart {
  readonly target: ProbeTarget;
  readonly tls: UpstreamTls | null;
  readonly connector: ProbeConnector;
}
