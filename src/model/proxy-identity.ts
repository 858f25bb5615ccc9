/** Who this proxy is in the mesh. */

import type { Locality } from './locality.ts';

export interface ProxyIdentity {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly locality: Locality;
  /** Workload name for source_workload, from labels where not given. */
  readonly workload: string;
}
