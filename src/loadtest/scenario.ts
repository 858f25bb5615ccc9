/**
 * The model of a scenario: everything that a load test does, with its defaults filled in. Times are
 * milliseconds; those at which something happens count from the end of the warm-up.
 */

import type { Path as ConfigPath } from '../config/problem.ts';
import type { Check } from './check.ts';
import type { Upstream } from './synthetic-upstream.ts';

export interface Scenario {
  readonly description: string;
  /** Folder of the file, which relative paths count from. */
  readonly folder: string;
  readonly target: Target;
  readonly protocol: 'http1' | 'h2';
  readonly tls: TlsClient | null;
  /** Header of answers with the name of the route, in lower case; null: none has. */
  readonly routeHeader: string | null;
  /** null: another each time. */
  readonly seed: number | null;
  readonly load: Load;
  readonly upstreams: readonly Upstream[];
  /** At least one. */
  readonly requests: readonly RequestKind[];
  readonly changes: readonly Change[];
  readonly assertions: readonly Assertion[];
}

export type Target =
  | {
      readonly kind: 'started';
      readonly config: readonly string[];
      /** Which of its listeners gets the load. */
      readonly listener: { readonly kind: 'gateway' | 'mesh'; readonly port: number };
      /** As flags take them; null: none. */
      readonly labels: string | null;
      readonly locality: string | null;
    }
  | {
      readonly kind: 'running';
      /** `HOST:PORT`. */
      readonly address: string;
      readonly admin: string | null;
    };

interface TlsClient {
  /** null: the host of the address. */
  readonly serverName: string | null;
  /** File; null: those of the system. */
  readonly ca: string | null;
  readonly insecure: boolean;
}

export interface Load {
  readonly phases: readonly Phase[];
  readonly warmUpMs: number;
  readonly connections: number;
  readonly timeoutMs: number;
}

export type Phase =
  /** Requests a second, from one rate evenly to another. */
  | {
      readonly kind: 'open';
      readonly durationMs: number;
      readonly from: number;
      readonly to: number;
      /** At random times, as of many clients; otherwise evenly spaced. */
      readonly poisson: boolean;
    }
  | { readonly kind: 'closed'; readonly durationMs: number; readonly connections: number };

export interface RequestKind {
  /** Of its field in the file. */
  readonly fieldPath: ConfigPath;
  readonly name: string;
  readonly weight: number;
  readonly method: string;
  /** Texts with templates. */
  readonly host: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
  readonly keys: RequestKeys | null;
}

interface RequestKeys {
  readonly count: number;
  readonly prefix: string;
  /** Exponent of Zipf's law; 0: all have the same chance. */
  readonly zipf: number;
}

export interface Change {
  readonly atMs: number;
  /** null: once. */
  readonly everyMs: number | null;
  readonly file: string;
  /** Paths, in turns. */
  readonly with: readonly string[];
}

export interface Assertion {
  readonly name: string;
  /** null: all requests. */
  readonly request: string | null;
  /** null: all answers, and those that failed. */
  readonly route: string | null;
  readonly fromMs: number;
  /** Infinity: the end of the load. */
  readonly untilMs: number;
  /** Of intervals around shares, 0 to 1. */
  readonly confidence: number;
  readonly check: Check;
}

/** Of all phases together. */
export function loadDurationMs({ phases }: Load): number {
  return phases.reduce((sum, { durationMs }) => sum + durationMs, 0);
}
