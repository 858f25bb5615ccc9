/** ProxyConfig.tracing: traces for meshes without Telemetry resources, and defaults for those with. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { CustomTag } from './custom-tag.ts';
import { flag, number, text, uint32 } from './fields.ts';

const optional = Type.Optional;
const partial = { unknown: 'warning' } as const;

export type ProxyTracing = Static<typeof ProxyTracing>;
export const ProxyTracing = Type.Object(
  {
    zipkin: optional(
      Type.Object(
        {
          address: optional(text('`host:port` of a Zipkin collector, used with `enableTracing`.')),
        },
        { description: 'Where traces go.', ...partial },
      ),
    ),
    sampling: optional(
      number(
        'Share of the traces that begin here which are recorded, 0 to 100; 0 is the default.',
        {
          unit: 'percent',
          default: 1,
        },
      ),
    ),
    customTags: optional(
      Type.Record(Type.String(), CustomTag, {
        description: 'Tags of each span by name, where no Telemetry resource has some.',
      }),
    ),
    maxPathTagLength: optional(
      uint32('Characters of the path in tags; a provider’s maxTagLength wins.', { default: 256 }),
    ),
    enableIstioTags: optional(flag('Add the tags `istio.*`.', { default: true })),
  },
  { description: 'Traces of requests.', ...partial },
);
