/** BackendTLSPolicy: TLS towards the endpoints of a Service. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { text, textMap } from '../fields.ts';
import { LocalObjectReference } from './references.ts';

const optional = Type.Optional;

export type BackendTlsPolicySpec = Static<typeof BackendTlsPolicySpec>;
export const BackendTlsPolicySpec = Type.Object(
  {
    targetRefs: Type.Array(
      Type.Object(
        {
          group: text('API group; empty for a Service.'),
          kind: text('`Service`.'),
          name: text('Name of the target, in this namespace.'),
          sectionName: optional(text('Name of a port.', { default: 'all ports' })),
        },
        { description: 'A Service, or one port of it.' },
      ),
      { description: 'What the policy is for.' },
    ),
    validation: Type.Object(
      {
        caCertificateRefs: optional(
          Type.Array(LocalObjectReference, {
            description: 'ConfigMaps whose `ca.crt` has the authorities.',
          }),
        ),
        wellKnownCACertificates: optional(text('`System`: the authorities of the platform.')),
        hostname: text('Server name that is sent, and that the certificate must have.'),
        subjectAltNames: optional(
          Type.Array(
            Type.Object(
              {
                type: Type.Enum(['Hostname', 'URI'], { description: 'Which field holds.' }),
                hostname: optional(text('DNS name, `*.` may stand before it.')),
                uri: optional(text('URI, such as a SPIFFE identity.')),
              },
              { description: 'A name.' },
            ),
            { description: 'Names of which the certificate must have one, in place of hostname.' },
          ),
        ),
      },
      { description: 'Which certificates are accepted.' },
    ),
    options: optional(
      textMap('Settings of single implementations.', { ineffective: 'no option is known' }),
    ),
  },
  { description: 'TLS towards the endpoints of a Service.' },
);
