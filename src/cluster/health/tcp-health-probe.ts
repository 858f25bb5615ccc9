/**
 * A health check over TCP: to connect is enough, unless certain bytes are expected in return. The
 * pieces of what is expected may have others between them, as in Envoy.
 */

import type { TcpHealthCheck } from '../../model/health-check.ts';
import { type ProbeResult, probeFailure, probeSuccess } from './health-probe.ts';
import type { ProbeStart } from './probe-connector.ts';

/** An endpoint that says more than this has not said what was expected. */
const maxAnswerBytes = 64 * 1024;

/** Returns what breaks the check off. `onResult` may be called more than once: the first counts. */
export function startTcpProbe(
  { target, tls, connector }: ProbeStart,
  check: TcpHealthCheck,
  onResult: (result: ProbeResult) => void,
): () => void {
  const expected = check.receive.map((hex) => Buffer.from(hex, 'hex'));
  let received: Buffer = Buffer.alloc(0);
  const onLost = (reason: string): void => onResult(probeFailure('network-failure', reason));
  const socket = connector.connect(target, tls, () => {
    if (check.send !== null) socket.write(Buffer.from(check.send, 'hex'));
    if (expected.length === 0) onResult(probeSuccess);
  });
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    if (holdsInOrder(received, expected)) onResult(probeSuccess);
    else if (received.length > maxAnswerBytes) onLost('another answer than expected');
  });
  socket.on('error', (error: NodeJS.ErrnoException) => onLost(error.code ?? error.message));
  socket.on('end', () => onLost('connection closed'));
  return () => socket.destroy();
}

function holdsInOrder(bytes: Buffer, pieces: readonly Buffer[]): boolean {
  let from = 0;
  for (const piece of pieces) {
    const at = bytes.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return true;
}
