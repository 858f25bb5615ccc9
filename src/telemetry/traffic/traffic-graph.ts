/**
 * Who calls whom, within a window of time. Schema and type are one; only who needs the schema loads
 * it. `traffic-sampler.ts` fills it.
 */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';

const closed = { additionalProperties: false } as const;
const text = (description: string) => Type.String({ description });
const rate = (description: string) => Type.Number({ minimum: 0, description });

export type TrafficNode = Static<typeof TrafficNode>;
const TrafficNode = Type.Object(
  {
    id: text('Unique within the graph; what edges refer to.'),
    kind: Type.Enum(['workload', 'version', 'service'], {
      description: 'What it stands for; a service also where nothing else is known.',
    }),
    namespace: text('Empty where it is not known.'),
    service: text('Name of the service, without its domain; empty where it is not known.'),
    version: text('Empty where it is not known, and of a service.'),
    workload: text('Of a workload; otherwise empty.'),
  },
  { ...closed, title: 'TrafficNode', description: 'One that calls or is called.' },
);

export type TrafficLatency = Static<typeof TrafficLatency>;
const TrafficLatency = Type.Object(
  {
    p50: rate('Milliseconds.'),
    p90: rate('Milliseconds.'),
    p99: rate('Milliseconds.'),
    mean: rate('Milliseconds.'),
  },
  { ...closed, title: 'TrafficLatency', description: 'Durations of requests, from histograms.' },
);

export type TrafficEdge = Static<typeof TrafficEdge>;
const TrafficEdge = Type.Object(
  {
    source: text('Id of the node that calls.'),
    target: text('Id of the node that is called.'),
    service: text('Host of the service that was asked for.'),
    reporter: Type.Enum(['source', 'destination'], { description: 'The side that counted.' }),
    protocol: Type.Enum(['http', 'grpc', 'tcp'], { description: 'What was spoken.' }),
    requests: rate('Requests in the window; of TCP connections that were opened.'),
    requestsPerSecond: rate('The same for each second.'),
    errors: rate('Of them 5xx, without any response, or with a gRPC status other than 0.'),
    errorShare: Type.Number({ minimum: 0, maximum: 1, description: 'Errors of requests.' }),
    codes: Type.Record(Type.String(), Type.Number(), {
      description: 'Requests by status of HTTP, 0 without a response.',
    }),
    grpcCodes: Type.Record(Type.String(), Type.Number(), {
      description: 'Requests by status of gRPC.',
    }),
    flags: Type.Record(Type.String(), Type.Number(), {
      description: 'Requests by response flags, but for those without.',
    }),
    latencyMs: Type.Union([TrafficLatency, Type.Null()], { description: 'null without requests.' }),
    bytesPerSecond: rate('Of TCP both ways; 0 otherwise.'),
  },
  { ...closed, title: 'TrafficEdge', description: 'Calls from one node to another.' },
);

export type TrafficGraph = Static<typeof TrafficGraph>;
export const TrafficGraph = Type.Object(
  {
    from: Type.Integer({ description: 'Begin of what was counted, milliseconds since the epoch.' }),
    to: Type.Integer({ description: 'Its end.' }),
    windowSeconds: rate('Between them; shorter than asked for while there is no more.'),
    nodes: Type.Array(TrafficNode),
    edges: Type.Array(TrafficEdge),
  },
  { ...closed, title: 'TrafficGraph', description: 'Who calls whom.' },
);
