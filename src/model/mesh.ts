/**
 * The whole intermediate representation: what the proxy runs. Plain JSON; `/config_dump` shows it
 * and a worker process can be sent it.
 */

import type { Cluster } from './cluster.ts';
import type { Listener } from './listener.ts';
import type { OverloadSettings } from './overload-settings.ts';
import type { ProxyIdentity } from './proxy-identity.ts';
import type { MeshTelemetry } from './telemetry-settings.ts';
import type { RouteTable } from './virtual-host.ts';

export interface Mesh {
  readonly proxy: ProxyIdentity;
  readonly listeners: readonly Listener[];
  readonly routeTables: readonly RouteTable[];
  readonly clusters: readonly Cluster[];
  readonly telemetry: MeshTelemetry;
  /** When the process protects itself, and how. */
  readonly overload: OverloadSettings;
}
