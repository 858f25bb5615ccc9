/** Where something comes in, as explanations tell of it: listeners, filter chains, and TLS. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { flag, named, nullable, text, textList } from './fields.ts';
import { OptionalOrigin } from './shared.ts';

export type ConsideredListenerInfo = Static<typeof ConsideredListenerInfo>;
export const ConsideredListenerInfo = named(
  'ConsideredListener',
  'A listener that was thought of.',
  {
    name: text('Its name.'),
    chosen: flag('It is the one.'),
    reason: text('How it fits, in words.'),
    origin: OptionalOrigin,
  },
);

export type ConsideredFilterChainInfo = Static<typeof ConsideredFilterChainInfo>;
export const ConsideredFilterChainInfo = named(
  'ConsideredFilterChain',
  'A filter chain of the listener.',
  {
    name: text('Unique within its listener.'),
    kind: Type.Enum(['http', 'tcp'], { description: '`tcp` passes bytes on as they come.' }),
    chosen: flag('It is the one.'),
    match: textList('What it asks for, all of it; empty: nothing.'),
    reason: text('Why it is, or is not, the one.'),
    origin: OptionalOrigin,
  },
);

export type ExplainedCertificate = Static<typeof ExplainedCertificate>;
export const ExplainedCertificate = named('ExplainedCertificate', 'What a client shows.', {
  subject: text('As RFC 2253 writes it.'),
  issuer: text('As RFC 2253 writes it.'),
  subjectAltNames: textList('Its URIs, DNS names, mails and addresses.'),
});

export type ExplainedTls = Static<typeof ExplainedTls>;
export const ExplainedTls = named('ExplainedTls', 'What TLS decides of the client.', {
  clientCertificate: Type.Enum(['none', 'optional', 'required'], {
    description: 'What is asked of clients.',
  }),
  certificates: textList('Names of those that clients are shown.'),
  missingCertificates: textList('Those of them that the proxy does not have.'),
  trustedCa: nullable(text('Name of the authorities that are to have signed; null: any.')),
  subjectAltNames: textList('One of them must be in its certificate; empty: any.'),
  client: nullable(ExplainedCertificate),
  accepted: flag('false: the handshake fails.'),
  reason: text('Why, in words.'),
});

export const entryFields = {
  listeners: Type.Array(ConsideredListenerInfo, { description: 'All that were thought of.' }),
  filterChains: Type.Array(ConsideredFilterChainInfo, {
    description: 'Those of the listener, in declared order.',
  }),
  tls: nullable(ExplainedTls),
};
