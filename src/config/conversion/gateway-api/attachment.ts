/**
 * Which listeners of which Gateways a route is attached to: what the conversion of each kind of
 * route begins with.
 */

import type { Resource } from '../../resource.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { ParentReference } from '../../schema/gateway-api/references.ts';
import type { Condition } from '../resource-status.ts';
import type { BoundListener } from './listeners.ts';

export type KubernetesGateway = ResourceSet['kubernetesGateways'][number];

/** What all kinds of routes have. */
export interface RouteSpec {
  readonly parentRefs?: readonly ParentReference[];
  /** Not in a TCPRoute. */
  readonly hostnames?: readonly string[];
}

export type RouteKind = 'HTTPRoute' | 'GRPCRoute' | 'TLSRoute' | 'TCPRoute';

export type Route = Resource<RouteKind, RouteSpec>;

/** A listener that is served, and that takes the route. */
export interface Attachment {
  readonly listener: BoundListener;
  /** `namespace/name` of the Istio Gateway made for the listener: for `gateways` of a rule. */
  readonly gatewayName: string;
  /**
   * What host of the listener and hosts of the route have in common, `*` for all; never empty.
   * `*` alone for TCP.
   */
  readonly hostnames: readonly string[];
}

export interface LostHost {
  /** The one that would have the host, were there none closer. */
  readonly listener: BoundListener;
  readonly host: string;
}

/** What became of one of the `parentRefs` of a route. */
export interface ParentAttachment {
  readonly ref: ParentReference;
  /** Index in `parentRefs`. */
  readonly index: number;
  /** `mesh`: the parent is a Service or a ServiceEntry. `other`: nothing that is served here. */
  readonly parent: 'gateway' | 'mesh' | 'other';
  /** Listeners that the rules are for. Empty for the mesh, and for Gateways of other proxies. */
  readonly attachments: readonly Attachment[];
  /** Hosts in common that are for another listener of the port. */
  readonly lostHosts: readonly LostHost[];
  /**
   * `Accepted`; null for the mesh, where who converts the route says it, and for Gateways that
   * another proxy serves.
   */
  readonly accepted: Condition | null;
}
