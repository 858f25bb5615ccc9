/** When the proxy protects itself (Bootstrap): Envoy's overload manager, with one object for each part. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { byteSize, described, duration, number, uint32 } from './fields.ts';

const optional = Type.Optional;

const share = { minimum: 0, maximum: 1 } as const;

export type OverloadThreshold = Static<typeof OverloadThreshold>;
const OverloadThreshold = Type.Object(
  {
    threshold: optional(number('Share of the resource from which on the action is on.', share)),
  },
  { description: 'When the action is on.' },
);

export type OverloadScale = Static<typeof OverloadScale>;
const OverloadScale = Type.Object(
  {
    threshold: optional(number('Share of the resource from which on the action hits all.', share)),
    scalingThreshold: optional(
      number('Share from which on the action hits some, in proportion.', share),
    ),
    saturationThreshold: optional(number('Share from which on it hits all.', share)),
  },
  {
    description: 'When the action is on, at once or by degrees.',
    oneof: [
      ['threshold', 'scalingThreshold'],
      ['threshold', 'saturationThreshold'],
    ],
  },
);

export type OverloadTriggers = Static<typeof OverloadTriggers>;
const OverloadTriggers = Type.Object(triggersOf(OverloadThreshold), {
  description: 'Triggers; the strongest counts. None: the action is never on.',
});

export type OverloadScaledTriggers = Static<typeof OverloadScaledTriggers>;
const OverloadScaledTriggers = Type.Object(triggersOf(OverloadScale), {
  description: 'Triggers; the strongest counts. None: the action is never on.',
});

function triggersOf<T extends typeof OverloadThreshold | typeof OverloadScale>(trigger: T) {
  return {
    fixedHeap: optional(trigger),
    residentMemory: optional(trigger),
    eventLoopDelay: optional(trigger),
    downstreamConnections: optional(trigger),
    fileDescriptors: optional(trigger),
  };
}

const OverloadResources = Type.Object(
  {
    fixedHeap: optional(
      byteSize("Objects that live long on V8's heap.", {
        default: 'what V8 lets the process have',
      }),
    ),
    residentMemory: optional(
      byteSize('Memory of the process that is not swapped out. Without it, it is not measured.'),
    ),
    eventLoopDelay: optional(
      duration(
        'How late timers are, half of them at least. Without it, it is not measured; with it, and ' +
          'without `actions.stopAcceptingRequests`, requests are turned away from half of it on.',
      ),
    ),
    downstreamConnections: optional(
      uint32(
        'Open connections of clients to all listeners of a process. Over: a new one is closed at ' +
          "once (Envoy's global_downstream_max_connections).",
        { minimum: 1, default: 'no limit' },
      ),
    ),
    fileDescriptors: optional(
      uint32('Open files and sockets of a process.', {
        minimum: 1,
        default: 'what the system lets the process have',
      }),
    ),
  },
  { description: 'How much of each resource is all of it. Triggers are shares of that.' },
);

const OverloadActions = Type.Object(
  {
    stopAcceptingRequests: optional(
      described(OverloadScaledTriggers, 'New requests get a 503, flag OM.'),
    ),
    disableHttpKeepalive: optional(
      described(OverloadTriggers, 'Connections of clients end with their next response.'),
    ),
    stopAcceptingConnections: optional(
      described(OverloadTriggers, 'Listeners close their ports; open connections go on.'),
    ),
    rejectIncomingConnections: optional(
      described(OverloadScaledTriggers, 'New connections are closed at once.'),
    ),
  },
  {
    description:
      'What is done when a resource runs short. Each that is given replaces its default.',
  },
);

export type BootstrapOverload = Static<typeof BootstrapOverload>;
export const BootstrapOverload = Type.Object(
  {
    refreshInterval: optional(
      duration('Time between two measurements, 10ms to 1m.', { default: '250ms' }),
    ),
    resources: optional(OverloadResources),
    actions: optional(OverloadActions),
  },
  { description: 'When the proxy turns work away to protect itself.' },
);
