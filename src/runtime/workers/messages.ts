/** What the primary and its workers tell each other. Plain data, copied by the channel. */

import type { EndpointHealth } from '../../cluster/health/health-leader.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { LogLevel } from '../../telemetry/logger.ts';
import type { MetricsReport } from '../../telemetry/metrics/metrics-report.ts';
import type { RequestRecord } from '../../telemetry/traffic/request-record.ts';
import type { Secrets } from '../secret-store.ts';
import type { OfferedSocket } from '../takeover/takeover-protocol.ts';
import type { EndpointCounts } from './endpoint-counts.ts';

/** A configuration, as it is to be served. */
export interface WorkerConfig {
  /** Each listener with the port that it really has. */
  readonly mesh: Mesh;
  readonly secrets: Secrets;
  /** `address:port` of listeners that must not be opened: somebody else has them. */
  readonly refused: readonly string[];
}

/** The first message; those that follow are orders. */
export interface WorkerStart {
  /** From 1. */
  readonly number: number;
  readonly mesh: Mesh;
  readonly seed: number | null;
  readonly localTls: boolean;
  /** By component. */
  readonly logLevels: ReadonlyMap<string, LogLevel>;
}

/** What the primary asks, each with its answer. */
export interface Questions {
  /** Build it; it is not served yet. */
  readonly prepare: readonly [WorkerConfig & { readonly health: readonly EndpointHealth[] }, null];
  /** Serve what was prepared. The answer: names of listeners that could not be opened. */
  readonly publish: readonly [null, readonly string[]];
  /** Forget what was prepared. */
  readonly discard: readonly [null, null];
  readonly report: readonly [null, WorkerReport];
  /** Records of the requests that ended last. */
  readonly recent: readonly [null, readonly RequestRecord[]];
  readonly 'reopen-logs': readonly [null, null];
  readonly 'reset-counters': readonly [null, null];
  /** For another process, each as a `socket` before the answer. It goes on accepting from them. */
  readonly 'lend-sockets': readonly [null, null];
  /** Let open requests end: see `ListenerSet.shutDown`. The answer is the last report. */
  readonly stop: readonly [{ readonly drainMs: number; readonly gently: boolean }, WorkerReport];
}

type QuestionKind = keyof Questions;

/** What the primary says, and nobody answers. */
export type Order =
  | { readonly kind: 'health'; readonly health: EndpointHealth }
  | { readonly kind: 'secrets'; readonly secrets: Secrets }
  | { readonly kind: 'follow-traffic'; readonly wanted: boolean }
  | { readonly kind: 'fail-health-checks'; readonly fails: boolean }
  | {
      readonly kind: 'end-connections';
      readonly inboundOnly: boolean;
      /** Milliseconds, infinite: go on accepting. */
      readonly acceptMs: number;
    }
  | { readonly kind: 'log-level'; readonly component: string | null; readonly level: LogLevel };

/** What a worker says unasked. */
export type Notice =
  | { readonly kind: 'ejected'; readonly cluster: string; readonly endpoint: string }
  | { readonly kind: 'failed-at-once'; readonly cluster: string; readonly endpoint: string }
  /** `dropped`: more ended than are passed on. */
  | {
      readonly kind: 'traffic';
      readonly records: readonly RequestRecord[];
      readonly dropped: number;
    };

export interface WorkerReport {
  readonly metrics: MetricsReport;
  readonly endpoints: readonly EndpointCounts[];
  /** Exchanges that have ended, and those of which no record was kept. */
  readonly ended: number;
  readonly unrecorded: number;
}

export type ToWorker =
  | { readonly kind: 'start'; readonly start: WorkerStart }
  | { readonly kind: 'order'; readonly order: Order }
  /** With its handle: to be used by a configuration that has such a listener. */
  | { readonly kind: 'socket'; readonly socket: OfferedSocket }
  | {
      readonly kind: 'question';
      readonly id: number;
      readonly question: QuestionKind;
      readonly content: Questions[QuestionKind][0];
    };

export type FromWorker =
  | { readonly kind: 'started'; readonly problem: string | null }
  | { readonly kind: 'notice'; readonly notice: Notice }
  /** With its handle. */
  | { readonly kind: 'socket'; readonly socket: OfferedSocket }
  | { readonly kind: 'answer'; readonly id: number; readonly content: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly message: string };
