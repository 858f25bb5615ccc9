/** What every part of the data plane of a process shares, made once at its start. */

import { systemClock } from '../base/clock.ts';
import { describeDefect } from '../base/defect.ts';
import { randomSeed, SeededRandom } from '../base/random.ts';
import { TimerWheel } from '../base/timer-wheel.ts';
import { systemTimers } from '../base/timers.ts';
import { WallTime } from '../base/wall-time.ts';
import { LateXxHash64 } from '../base/xxhash64.ts';
import { OutputSlabs } from '../http2/output-slabs.ts';
import type { Mesh } from '../model/mesh.ts';
import { DateHeader } from '../proxy/downstream/date-header.ts';
import { OverloadState } from '../proxy/overload/overload-state.ts';
import type { ProxyContext } from '../proxy/proxy-context.ts';
import type { LogRoot } from '../telemetry/logger.ts';
import { TlsAcceptor } from '../transport/tls-acceptor.ts';
import { TlsContexts } from '../transport/tls-contexts.ts';
import { WriteQueue } from '../transport/write-queue.ts';
import { emptySnapshot } from './build-snapshot.ts';
import type { TelemetrySinks } from './telemetry-sinks.ts';

/** All sockets read into one buffer of this size: the most that one read can bring. */
const readBufferBytes = 64 * 1024;

export interface ContextParts {
  readonly sinks: TelemetrySinks;
  readonly log: LogRoot;
  /** null: a random one. */
  readonly seed: number | null;
  /** Called before the first connection is accepted. */
  readonly onFirstConnection?: (() => void) | undefined;
  /** Opens the sockets of listeners; unset: each for this process alone. */
  readonly listen?: ProxyContext['listen'] | undefined;
}

export function createContext(mesh: Mesh, parts: ContextParts): ProxyContext {
  const { sinks, seed, listen } = parts;
  const defects = parts.log.logger('proxy');
  return {
    snapshot: emptySnapshot(mesh),
    nextConnectionId: 1,
    failsHealthChecks: false,
    onFirstConnection: parts.onFirstConnection ?? null,
    overload: new OverloadState(),
    clock: systemClock,
    timers: systemTimers,
    random: new SeededRandom(seed ?? randomSeed()),
    wheel: new TimerWheel(systemTimers, systemClock),
    turns: new WriteQueue(),
    hash64: new LateXxHash64(),
    wallTime: new WallTime(systemClock),
    date: new DateHeader(systemClock),
    tls: new TlsContexts(systemClock),
    tlsAcceptor: new TlsAcceptor(),
    readBuffer: {
      bytes: Buffer.allocUnsafeSlow(readBufferBytes),
      onDefect: (error) => defects.error(describeDefect(error, 'with a connection'), {}),
    },
    http2Slabs: new OutputSlabs(),
    ...(listen === undefined ? {} : { listen }),
    onStreamEnd: (info) => sinks.record(info),
    tcpCounters: (info) => sinks.tcpCounters(info),
    onTcpEnd: (info) => sinks.recordTcp(info),
  };
}
