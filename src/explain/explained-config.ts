/** A compiled configuration that requests can be explained by: one that serves, or one from files. */

import type { Hash64 } from '../base/xxhash64.ts';
import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { FilterChain } from '../model/filter-chain.ts';
import type { Listener } from '../model/listener.ts';
import type { Secret } from '../model/secret.ts';
import type { ConnectionFacts } from '../proxy/listener/filter-chain-matcher.ts';
import type { CompiledRouteTable } from '../routing/route-table.ts';

export interface OpenListener {
  readonly listener: Listener;
  /** The port really bound, where the configured one is 0. */
  readonly boundPort: number;
}

/** A connection as it comes to a listener. */
export interface BegunConnection extends ConnectionFacts {
  /** The address that it was made to; null: that of the listener. */
  readonly destination: string | null;
}

/** What may be shown of a secret. */
export type Certificates = Pick<Secret, 'certificate' | 'trustedCa'>;

export interface ExplainedConfig {
  readonly hash64: Hash64;
  listeners(): readonly OpenListener[];
  /** By name, as requests are routed. */
  routeTables(): ReadonlyMap<string, CompiledRouteTable>;
  /** null: there is none of that name. */
  findCluster(name: string): LiveCluster | null;
  /** That of a connection to a listener which begins like that; null: it is closed. */
  findFilterChain(listener: string, begun: BegunConnection): FilterChain | null;
  /** By the name that the model has for them; null: they are missing. */
  findCertificates(name: string): Certificates | null;
}
