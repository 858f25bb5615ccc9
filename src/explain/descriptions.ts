/** Single objects of a configuration as explanations and the admin API tell them. */

import type { Locality } from '../model/locality.ts';
import type { Origin } from '../model/origin.ts';

export interface RouteDescription {
  /** Empty if it has none. */
  name: string;
  /** Among the routes of its virtual host, from 0. */
  position: number;
  /** What it asks for, all of it: `path prefix "/"`, `header end-user exact "jason"`. */
  match: string[];
  action: 'forward' | 'redirect' | 'direct-response';
  clusters: { cluster: string; weight: number }[];
  status: number | null;
  rewrite: string | null;
  timeoutMs: number;
  retries: { retries: number; retryOn: string[]; perTryTimeoutMs: number } | null;
  fault: FaultDescription | null;
  mirrors: string[];
  cors: boolean;
  toxics: number;
  origin: Origin | null;
}

export interface FaultDescription {
  delayMs: number | null;
  delayPercent: number;
  abortStatus: number | null;
  abortGrpcStatus: number | null;
  abortPercent: number;
}

export interface EndpointDescription {
  cluster: string;
  /** `address:port`. */
  address: string;
  /** The name that the address was found by; null without. */
  host: string | null;
  health: 'healthy' | 'unhealthy';
  ejected: boolean;
  failedHealthCheck: boolean;
  excluded: boolean;
  weight: number;
  priority: number;
  locality: Locality;
  workload: { name: string; namespace: string; app: string; version: string } | null;
  activeRequests: number;
  activeConnections: number;
  requests: number;
  requestErrors: number;
  connections: number;
  connectFailures: number;
}
