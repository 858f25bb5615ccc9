/** Gateway of the Gateway API: listeners for traffic from outside, to which routes are attached. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { text, textMap, uint32 } from '../fields.ts';
import { KubernetesLabelSelector, LocalObjectReference, ObjectReference } from './references.ts';

const optional = Type.Optional;

const caCertificateRefs = Type.Array(ObjectReference, {
  description: 'ConfigMaps whose `ca.crt` has the authorities.',
});

export type FrontendValidation = Static<typeof FrontendValidation>;
export const FrontendValidation = Type.Object(
  {
    caCertificateRefs,
    mode: optional(
      Type.Enum(['AllowValidOnly', 'AllowInsecureFallback'], {
        description: 'What happens to clients without a certificate, or with a bad one.',
        default: 'AllowValidOnly',
      }),
    ),
  },
  { description: 'Clients show certificates, and by whom these must be signed.' },
);

const FrontendTls = Type.Object(
  { validation: optional(FrontendValidation) },
  { description: 'TLS towards clients.' },
);

const BackendTls = Type.Object(
  {
    clientCertificateRef: optional(ObjectReference),
  },
  { description: 'TLS towards backends: the Secret whose certificate the Gateway shows.' },
);

export type GatewayTlsSettings = Static<typeof GatewayTlsSettings>;
const GatewayTlsSettings = Type.Object(
  {
    backend: optional(BackendTls),
    frontend: optional(
      Type.Object(
        {
          default: optional(FrontendTls),
          perPort: optional(
            Type.Array(
              Type.Object(
                {
                  port: uint32('Port of the listeners.', { minimum: 1, maximum: 65535 }),
                  tls: FrontendTls,
                },
                { description: 'Settings of one port, in place of the default.' },
              ),
              { description: 'Settings of single ports.' },
            ),
          ),
        },
        { description: 'TLS towards clients, for all HTTPS listeners.' },
      ),
    ),
  },
  { description: 'TLS of the whole Gateway.' },
);

export type ListenerTls = Static<typeof ListenerTls>;
const ListenerTls = Type.Object(
  {
    mode: optional(
      Type.Enum(['Terminate', 'Passthrough'], {
        description: 'Whether TLS ends here.',
        default: 'Terminate',
      }),
    ),
    certificateRefs: optional(
      Type.Array(ObjectReference, { description: 'Secrets with key and certificate.' }),
    ),
    frontendValidation: optional(
      Type.Object(
        { caCertificateRefs },
        {
          description: 'Which certificates clients must show.',
          deprecated: 'spec.tls.frontend of the Gateway',
        },
      ),
    ),
    options: optional(
      textMap(
        '`gateway.istio.io/tls-terminate-mode`: a mode of Istio’s Gateway, such as MUTUAL, for ' +
          'which the Secret has `ca.crt` too.',
      ),
    ),
  },
  { description: 'TLS of the listener.' },
);

/** Of AllowedRoutes and AllowedListeners. */
function namespaces(what: string, fallback: 'Same' | 'None') {
  return Type.Object(
    {
      from: optional(
        Type.Enum(['All', 'Selector', 'Same', 'None'], {
          description: `Whose ${what} may attach.`,
          default: fallback,
        }),
      ),
      selector: optional(KubernetesLabelSelector),
    },
    { description: `Namespaces of the ${what}.` },
  );
}

export type AllowedRoutes = Static<typeof AllowedRoutes>;
const AllowedRoutes = Type.Object(
  {
    namespaces: optional(namespaces('routes', 'Same')),
    kinds: optional(
      Type.Array(
        Type.Object(
          {
            group: optional(text('API group.', { default: 'gateway.networking.k8s.io' })),
            kind: text('Kind of the routes.'),
          },
          { description: 'A kind of routes.' },
        ),
        { description: 'Kinds of the routes; none: all that fit the protocol.' },
      ),
    ),
  },
  { description: 'Which routes may attach to the listener.' },
);

export type GatewayApiListener = Static<typeof GatewayApiListener>;
export const GatewayApiListener = Type.Object(
  {
    name: text('Name of the listener, unique in the Gateway.'),
    hostname: optional(text('Host served, `*.` before it takes all names below; none: all.')),
    port: uint32('Port number.', { minimum: 1, maximum: 65535 }),
    protocol: text('HTTP, HTTPS, TLS or TCP.'),
    tls: optional(ListenerTls),
    allowedRoutes: optional(AllowedRoutes),
  },
  { description: 'One port and the host served on it.' },
);

export type KubernetesGatewaySpec = Static<typeof KubernetesGatewaySpec>;
export const KubernetesGatewaySpec = Type.Object(
  {
    gatewayClassName: text('Class of the Gateway, `istio` or `sluice`, or a GatewayClass.'),
    listeners: optional(Type.Array(GatewayApiListener, { description: 'Ports and hosts.' })),
    addresses: optional(
      Type.Array(
        Type.Object(
          {
            type: optional(
              text('IPAddress, Hostname, or one of others.', { default: 'IPAddress' }),
            ),
            value: optional(text('The address.')),
          },
          { description: 'An address.' },
        ),
        {
          description: 'Addresses that the Gateway asks for.',
          ineffective: 'listeners are bound where --gateway-bind says',
        },
      ),
    ),
    infrastructure: optional(
      Type.Object(
        {
          labels: optional(textMap('Labels of what is deployed.')),
          annotations: optional(textMap('Annotations of what is deployed.')),
          parametersRef: optional(LocalObjectReference),
        },
        {
          description: 'What is deployed for the Gateway.',
          ineffective: 'nothing is deployed for a Gateway',
        },
      ),
    ),
    tls: optional(GatewayTlsSettings),
    backendTLS: optional(
      Type.Object(
        { clientCertificateRef: optional(ObjectReference) },
        { description: 'TLS towards backends.', deprecated: 'tls.backend' },
      ),
    ),
    allowedListeners: optional(
      Type.Object(
        { namespaces: optional(namespaces('ListenerSets', 'None')) },
        {
          description: 'Which ListenerSets may attach.',
          ineffective: 'the kind ListenerSet is not read',
        },
      ),
    ),
    defaultScope: optional(
      Type.Enum(['All', 'None'], {
        description: 'Whether routes without a Gateway of their own attach here.',
        ineffective: 'a route attaches to the parents that it names',
      }),
    ),
  },
  { description: 'Ports on which traffic from outside is accepted, for routes to attach to.' },
);
