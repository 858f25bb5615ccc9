/** A request as the router gets it. */

import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { FaultFilter } from '../filters/fault.ts';
import type { CompiledRetryPolicy } from '../retry/retry.ts';
import type { RequestBody } from './request-body.ts';

/** What the router is to do with one request, beside the request itself. */
export interface RouterTask {
  readonly cluster: LiveCluster;
  /** null for a request without one. */
  readonly body: RequestBody | null;
  readonly timeoutMs: number;
  /** Between two signs of life of an endpoint that has the whole request; 0 is no limit. */
  readonly idleTimeoutMs: number;
  /** Without a byte of the request that the endpoint takes, while some wait; 0 is no limit. */
  readonly sendTimeoutMs: number;
  readonly retryPolicy: CompiledRetryPolicy | null;
  /** Drawn for each attempt. */
  readonly fault: FaultFilter | null;
  readonly hash: bigint | null;
  /** Where the request itself wants to go, for clusters that let it choose. */
  readonly destination: { readonly address: string; readonly port: number } | null;
  readonly attemptCountHeader: boolean;
}
