/** How an endpoint is chosen. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { duration, flag, number, text, textList } from './fields.ts';

const optional = Type.Optional;

const uint64 = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

export type ConsistentHash = Static<typeof ConsistentHash>;
export const ConsistentHash = Type.Object(
  {
    httpHeaderName: optional(text('Hash the value of this header.')),
    httpCookie: optional(
      Type.Object(
        {
          name: text('Name of the cookie.'),
          path: optional(text('Path of a cookie that the proxy sets.')),
          ttl: optional(
            duration(
              'Life of a cookie that the proxy sets; 0s: a session cookie; absent: none is set.',
            ),
          ),
          attributes: optional(
            Type.Array(
              Type.Object({
                name: text('Name of the attribute, such as SameSite.'),
                value: optional(text('Value of the attribute.')),
              }),
              { description: 'Further attributes of a cookie that the proxy sets.' },
            ),
          ),
        },
        { description: 'Hash the value of a cookie.' },
      ),
    ),
    useSourceIp: optional(flag('Hash the address of the client.')),
    httpQueryParameterName: optional(text('Hash the value of this query parameter.')),
    ringHash: optional(
      Type.Object(
        {
          minimumRingSize: optional(
            Type.Integer({
              description:
                'Least number of ring entries, at most 8388608; above 1048576 no more are made.',
              default: 1024,
              ...uint64,
            }),
          ),
        },
        { description: 'Ring hash (the default).' },
      ),
    ),
    maglev: optional(
      Type.Object(
        {
          tableSize: optional(
            Type.Integer({
              description: 'Size of the table: a prime below 5000011.',
              default: 65537,
              ...uint64,
            }),
          ),
        },
        { description: 'Maglev hash: faster to look up, less stable than a ring.' },
      ),
    ),
    minimumRingSize: optional(
      Type.Integer({
        description:
          'Least number of ring entries, at most 8388608; above 1048576 no more are made.',
        deprecated: 'ringHash.minimumRingSize',
        ...uint64,
      }),
    ),
  },
  {
    description: 'The same key goes to the same endpoint as long as the endpoints stay.',
    oneof: [
      ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'],
      ['ringHash', 'maglev'],
    ],
  },
);

export type LocalityLbSetting = Static<typeof LocalityLbSetting>;
export const LocalityLbSetting = Type.Object(
  {
    enabled: optional(flag('Whether localities count.', { default: true })),
    distribute: optional(
      Type.Array(
        Type.Object({
          from: optional(text('Locality of the client, `region/zone/subzone`, `*` at the end.')),
          to: optional(
            Type.Record(Type.String(), Type.Integer({ minimum: 0, maximum: 4294967295 }), {
              description: 'Locality of the endpoints to its percentage; the sum is 100.',
            }),
          ),
        }),
        { description: 'Shares of the localities.' },
      ),
    ),
    failover: optional(
      Type.Array(
        Type.Object({
          from: optional(text('Region of the client.')),
          to: optional(text('Region to use when that one fails.')),
        }),
        { description: 'Where to go when a region fails.' },
      ),
    ),
    failoverPriority: optional(
      textList('Labels, in order: endpoints that share more of them with the client come first.'),
    ),
  },
  {
    description: 'Preference for near endpoints.',
  },
);

export type ZoneAwareLbSetting = Static<typeof ZoneAwareLbSetting>;
export const ZoneAwareLbSetting = Type.Object(
  {
    enabled: optional(flag('Whether zone-aware routing is used.')),
    minClusterSize: optional(
      Type.Integer({ description: 'Least number of endpoints for it.', ...uint64 }),
    ),
    failover: optional(
      Type.Array(
        Type.Object({
          from: optional(text('Region of the client.')),
          to: optional(text('Region to use when that one fails.')),
        }),
        { description: 'Where to go when a region fails.' },
      ),
    ),
    failoverPriority: optional(textList('Labels that rank endpoints.')),
  },
  {
    description: 'Zone-aware routing.',
    ineffective: 'zones count only by localityLbSetting',
  },
);

export type Warmup = Static<typeof Warmup>;
export const Warmup = Type.Object(
  {
    duration: duration('How long a new endpoint gets less than its share.'),
    minimumPercent: optional(
      number('Share at the beginning, in percent.', {
        default: 10,
        unit: 'percent',
        minimum: 0,
        maximum: 100,
      }),
    ),
    aggression: optional(
      number('How fast the share grows; 1 is linear.', { default: 1, minimum: 1 }),
    ),
  },
  { description: 'New endpoints get more and more requests.' },
);

export type LoadBalancerSettings = Static<typeof LoadBalancerSettings>;
export const LoadBalancerSettings = Type.Object(
  {
    simple: optional(
      Type.Enum(
        ['UNSPECIFIED', 'LEAST_CONN', 'RANDOM', 'PASSTHROUGH', 'ROUND_ROBIN', 'LEAST_REQUEST'],
        {
          description:
            'Choice without a key. LEAST_REQUEST takes the less busy of two random endpoints; ' +
            'LEAST_CONN is its old name.',
          default: 'LEAST_REQUEST',
        },
      ),
    ),
    consistentHash: optional(ConsistentHash),
    backendUtilization: optional(
      Type.Object(
        {},
        {
          description: 'Choice by load reports of the endpoints.',
          unknown: 'ignore',
          ineffective: 'LEAST_REQUEST is used instead',
        },
      ),
    ),
    localityLbSetting: optional(LocalityLbSetting),
    zoneAwareLbSetting: optional(ZoneAwareLbSetting),
    warmup: optional(Warmup),
    warmupDurationSecs: optional(
      duration('How long a new endpoint gets less than its share.', { deprecated: 'warmup' }),
    ),
  },
  {
    description: 'How an endpoint is chosen.',
    oneof: [['simple', 'consistentHash', 'backendUtilization']],
  },
);
