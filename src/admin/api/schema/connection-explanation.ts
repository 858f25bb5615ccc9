/** GET /api/v1/explain/connection: where a connection would go, and why not elsewhere. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { clusterFields, PolicyValue } from './explained-cluster.ts';
import { entryFields } from './explained-entry.ts';
import { count, named, nullable, text } from './fields.ts';

export type ExplainedConnection = Static<typeof ExplainedConnection>;
export const ExplainedConnection = named('ExplainedConnection', 'The connection as it comes.', {
  host: text('As it was given, in lower case.'),
  port: count('As it was given.'),
  destination: text('The address that the listener sees as its destination.'),
  serverName: nullable(text('Of its TLS; null: it is none.')),
  client: text('Address of the client.'),
});

export type ExplainedCluster = Static<typeof ExplainedCluster>;
export const ExplainedCluster = named(
  'ExplainedCluster',
  'A cluster that it may go to.',
  clusterFields,
);

export type ConnectionExplanationAnswer = Static<typeof ConnectionExplanationAnswer>;
export const ConnectionExplanationAnswer = named(
  'ConnectionExplanation',
  'Where a connection would go, and why.',
  {
    listener: text('Name of the listener.'),
    connection: ExplainedConnection,
    filterChain: nullable(text('Name of its filter chain; null: none takes it.')),
    ...entryFields,
    outcome: Type.Enum(['forwarded', 'http', 'closed', 'handshake-failed', 'no-certificate'], {
      description:
        '`closed`: no filter chain takes it, flag NR; `http`: it goes by its requests; ' +
        '`handshake-failed`: TLS does not let the client in; ' +
        '`no-certificate`: the proxy has none to show, and closes it.',
    }),
    policy: Type.Array(PolicyValue, { description: 'What holds while it is open.' }),
    targets: Type.Array(ExplainedCluster, { description: 'One of them gets it, by weight.' }),
    originalDestination: nullable(
      text('Where clusters without endpoints pass it on to; null: that is not known.'),
    ),
  },
);
