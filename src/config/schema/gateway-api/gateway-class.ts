/** GatewayClass: which controller serves the Gateways that name it. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { text } from '../fields.ts';

const optional = Type.Optional;

export type GatewayClassSpec = Static<typeof GatewayClassSpec>;
export const GatewayClassSpec = Type.Object(
  {
    controllerName: text(
      '`istio.io/gateway-controller` and `sluice.dev/gateway-controller` are served.',
    ),
    parametersRef: optional(
      Type.Object(
        {
          group: text('API group.'),
          kind: text('Kind of the object.'),
          name: text('Name of the object.'),
          namespace: optional(text('Namespace of the object.')),
        },
        {
          description: 'Parameters of the class.',
          ineffective: 'there are no parameters for Gateways',
        },
      ),
    ),
    description: optional(text('What the class is for, in words.')),
  },
  { description: 'A class of Gateways and who serves it.' },
);
