/** ToxicPolicy (sluice.dev/v1): what goes wrong on purpose on the routes of a VirtualService. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { byteSize, described, duration, number, text } from './fields.ts';
import { Percent, StringMatch } from './shared.ts';

const optional = Type.Optional;

const longest = { default: '1m' };

export type ToxicTarget = Static<typeof ToxicTarget>;
export const ToxicTarget = Type.Object(
  {
    group: optional(
      Type.Enum(['networking.istio.io'], {
        description: 'API group of the target.',
        default: 'networking.istio.io',
      }),
    ),
    kind: Type.Enum(['VirtualService'], { description: 'Kind of the target.' }),
    name: text('Name of the target, in the namespace of this resource.'),
    sectionName: optional(
      text('`name` of an http rule of the target.', { default: 'all http rules' }),
    ),
  },
  { description: 'Which routes, as policies of the Gateway API name their targets.' },
);

export type FirstByteLatency = Static<typeof FirstByteLatency>;
export const FirstByteLatency = Type.Object(
  {
    fixed: optional(duration('Always so long.')),
    uniform: optional(
      Type.Object(
        { min: duration('Shortest time.'), max: duration('Longest time.') },
        { description: 'Any time between two bounds, each as likely as the other.' },
      ),
    ),
    normal: optional(
      Type.Object(
        {
          mean: duration('Mean.'),
          stdDev: duration('Standard deviation: two thirds of the times are nearer to the mean.'),
          max: optional(duration('Longer times become this one.', longest)),
        },
        { description: 'Times around a mean; never below zero.' },
      ),
    ),
    exponential: optional(
      Type.Object(
        {
          mean: duration('Mean.'),
          max: optional(duration('Longer times become this one.', longest)),
        },
        { description: 'Mostly short times, long ones now and then.' },
      ),
    ),
    pareto: optional(
      Type.Object(
        {
          min: duration('Shortest time.'),
          shape: number(
            'Weight of the tail, more than 0: a time is `t` times the shortest one with the ' +
              'probability `1 / t^shape`.',
          ),
          max: optional(duration('Longer times become this one.', longest)),
        },
        { description: 'A heavy tail: a few times are very long, as in overloaded systems.' },
      ),
    ),
  },
  {
    description: 'The response is held back before its first byte, for a time that is drawn.',
    oneof: [['fixed', 'uniform', 'normal', 'exponential', 'pareto']],
  },
);

const BytesPerSecond = byteSize('Bytes of the body in a second, 1 or more.');

export type Toxic = Static<typeof Toxic>;
export const Toxic = Type.Object(
  {
    percentage: optional(described(Percent, 'Share of the requests; all where absent.')),
    match: optional(
      Type.Object(
        {
          headers: Type.Record(Type.String(), StringMatch, {
            description:
              'Header name to match of its value; all must hold. An empty match asks only that ' +
              'the header is present.',
          }),
        },
        { description: 'Only requests for which this holds; all where absent.' },
      ),
    ),
    firstByteLatency: optional(FirstByteLatency),
    bandwidthLimit: optional(
      Type.Object(
        { bytesPerSecond: BytesPerSecond },
        { description: 'The body of the response goes to the client no faster.' },
      ),
    ),
    slowUpload: optional(
      Type.Object(
        { bytesPerSecond: BytesPerSecond },
        { description: 'The body of the request is taken from the client no faster.' },
      ),
    ),
    cutBody: optional(
      Type.Object(
        { afterBytes: byteSize('Bytes of the body that arrive; a shorter body is whole.') },
        { description: 'The connection to the client is closed before the body is complete.' },
      ),
    ),
    resetConnection: optional(
      Type.Object(
        {
          afterBytes: optional(
            byteSize('Bytes of the body that are sent first; 0: the head alone.', {
              default: 'before the head',
            }),
          ),
        },
        { description: 'The connection to the client is reset (TCP RST).' },
      ),
    ),
  },
  { description: 'What goes wrong, for which requests. All its effects come together.' },
);

export type ToxicPolicySpec = Static<typeof ToxicPolicySpec>;
export const ToxicPolicySpec = Type.Object(
  {
    targetRefs: Type.Array(ToxicTarget, { description: 'Routes that the toxics are on.' }),
    toxics: Type.Array(Toxic, {
      description: 'Each is drawn by itself; those that hit a request act together.',
    }),
  },
  { description: 'What goes wrong on purpose on the routes of a VirtualService.' },
);
