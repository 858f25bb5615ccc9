/** What every part of the data plane shares: the current snapshot, time, chance, and who listens. */

import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Result } from '../base/result.ts';
import type { TimerWheel } from '../base/timer-wheel.ts';
import type { Timers } from '../base/timers.ts';
import type { WallTime } from '../base/wall-time.ts';
import type { Hash64 } from '../base/xxhash64.ts';
import type { OutputSlabs } from '../http2/output-slabs.ts';
import type { TcpCounters } from '../telemetry/metrics/tcp-metrics.ts';
import type { StreamInfo } from '../telemetry/stream-info.ts';
import type { ReadBuffer } from '../transport/accept.ts';
import type { BindError, ListeningSocket, ListenOptions } from '../transport/listening-socket.ts';
import type { TlsAcceptor } from '../transport/tls-acceptor.ts';
import type { TlsContexts } from '../transport/tls-contexts.ts';
import type { WriteQueue } from '../transport/write-queue.ts';
import type { DateHeader } from './downstream/date-header.ts';
import type { OverloadState } from './overload/overload-state.ts';
import type { Snapshot } from './snapshot.ts';

export interface ProxyContext {
  /** Replaced as a whole when a configuration is published; read once for each exchange. */
  snapshot: Snapshot;
  /** The number that the next connection gets. */
  nextConnectionId: number;
  /** The proxy is to be left alone: connections end with their next response, as in Envoy. */
  failsHealthChecks: boolean;
  /** Called before the first connection is accepted; null from then on. */
  onFirstConnection: (() => void) | null;
  /** What the process does to protect itself. */
  readonly overload: OverloadState;
  readonly clock: Clock;
  readonly wallTime: WallTime;
  readonly random: Random;
  readonly timers: Timers;
  /** For timeouts that are many and coarse (10 ms). */
  readonly wheel: TimerWheel;
  /** Socket writes wait for the end of the turn. */
  readonly turns: WriteQueue;
  readonly hash64: Hash64;
  readonly date: DateHeader;
  /** Certificates and keys as they are now. */
  readonly tls: TlsContexts;
  readonly tlsAcceptor: TlsAcceptor;
  readonly readBuffer: ReadBuffer;
  /** Memory for what HTTP/2 sessions write. */
  readonly http2Slabs: OutputSlabs;
  /** Opens the sockets of listeners. Default: `ListeningSocket.open`. */
  listen?(options: ListenOptions): Promise<Result<ListeningSocket, BindError>>;
  /** Called once for each exchange, when it is over: access log, metrics, traces. */
  onStreamEnd(info: StreamInfo): void;
  /** What a TCP connection adds to, by what is known of it now. */
  tcpCounters(info: StreamInfo): TcpCounters;
  /** Called once for each TCP connection, when it is over: access log. */
  onTcpEnd(info: StreamInfo): void;
}
