/**
 * When the proxy protects itself, and by what: Envoy's overload manager
 * (envoy.config.overload.v3). A resource under pressure triggers actions.
 */

/** What is measured. Its pressure is what is used of `OverloadMonitor.max`: 0 nothing, 1 all. */
export type OverloadResource =
  /**
   * Objects on V8's heap that live long; Envoy's fixed_heap. What garbage collections leave of them,
   * and from 0.88 of `max` on all that is used.
   */
  | 'fixedHeap'
  /** Memory of the process that is not swapped out. */
  | 'residentMemory'
  /** By how much timers are late. */
  | 'eventLoopDelay'
  /** Connections of clients to all listeners; Envoy's global_downstream_max_connections. */
  | 'downstreamConnections'
  /** Open files and sockets of the process. */
  | 'fileDescriptors';

export interface OverloadMonitor {
  readonly resource: OverloadResource;
  /**
   * Bytes, milliseconds or a count, above 0; null: what the process may have. Of
   * `downstreamConnections` there are never more, whatever actions say.
   */
  readonly max: number | null;
}

export type OverloadActionName =
  /** New requests get a 503. */
  | 'stopAcceptingRequests'
  /** Connections end with their next response. */
  | 'disableHttpKeepalive'
  /** Listeners close their ports. */
  | 'stopAcceptingConnections'
  /** New connections are closed at once. */
  | 'rejectIncomingConnections';

export type OverloadTrigger =
  | {
      readonly kind: 'threshold';
      readonly resource: OverloadResource;
      /** The action is on at this pressure and above; above 0. */
      readonly value: number;
    }
  | {
      readonly kind: 'scaled';
      readonly resource: OverloadResource;
      /** From here on the action hits some, in proportion; 0 to 1. */
      readonly scaling: number;
      /** From here on it hits all; above `scaling`, at most 1. */
      readonly saturation: number;
    };

export interface OverloadAction {
  readonly name: OverloadActionName;
  /** The strongest counts. `scaled` is for requests and for new connections alone. */
  readonly triggers: readonly OverloadTrigger[];
}

export interface OverloadSettings {
  /** Between two measurements; milliseconds, 1 or more. Envoy: 1000. */
  readonly refreshIntervalMs: number;
  /** Each resource once. */
  readonly monitors: readonly OverloadMonitor[];
  /** Each action once. Their triggers name resources that are monitored. */
  readonly actions: readonly OverloadAction[];
}

/** Why these: docs/decisions/0125-overload.md. */
export const defaultOverload: OverloadSettings = {
  refreshIntervalMs: 250,
  monitors: [
    { resource: 'fixedHeap', max: null },
    { resource: 'fileDescriptors', max: null },
  ],
  actions: [
    {
      name: 'stopAcceptingRequests',
      triggers: [{ kind: 'threshold', resource: 'fixedHeap', value: 0.88 }],
    },
    {
      name: 'disableHttpKeepalive',
      triggers: [{ kind: 'threshold', resource: 'fixedHeap', value: 0.88 }],
    },
    {
      name: 'rejectIncomingConnections',
      triggers: [
        { kind: 'threshold', resource: 'fixedHeap', value: 0.92 },
        { kind: 'threshold', resource: 'fileDescriptors', value: 0.95 },
      ],
    },
  ],
};
