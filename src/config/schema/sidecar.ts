/** Sidecar: which services the proxy of a workload sees. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { ConnectionPoolSettings } from './connection-pool.ts';
import { Destination } from './destination.ts';
import { text, textList } from './fields.ts';
import { ServerTlsSettings } from './gateway.ts';
import { Port, WorkloadSelector } from './shared.ts';

const optional = Type.Optional;

const captureMode = () =>
  Type.Enum(['DEFAULT', 'IPTABLES', 'NONE'], {
    description: 'How traffic reaches the listener.',
    default: 'DEFAULT',
    ineffective: 'traffic is not intercepted',
  });

const bind = () =>
  text('Address to listen on.', { ineffective: 'listeners are those of the proxy’s own settings' });

export type IstioIngressListener = Static<typeof IstioIngressListener>;
export const IstioIngressListener = Type.Object(
  {
    port: optional(Port),
    bind: optional(bind()),
    captureMode: optional(captureMode()),
    defaultEndpoint: optional(
      text('Where requests go: `127.0.0.1:PORT`, `0.0.0.0:PORT` or `unix:///path`.'),
    ),
    tls: optional(
      Type.Object(ServerTlsSettings.properties, {
        description: 'TLS towards clients.',
        ineffective: 'inbound listeners speak plain HTTP yet',
      }),
    ),
    connectionPool: optional(ConnectionPoolSettings),
  },
  { description: 'An inbound port.' },
);

export type IstioEgressListener = Static<typeof IstioEgressListener>;
export const IstioEgressListener = Type.Object(
  {
    port: optional(Port),
    bind: optional(bind()),
    captureMode: optional(captureMode()),
    hosts: optional(
      textList(
        'Services that are visible, as `namespace/host`: `.` own namespace, `*` any, `~` ' +
          'none; host may be a wildcard.',
      ),
    ),
  },
  { description: 'Services visible on an outbound port, or on all.' },
);

export type SidecarSpec = Static<typeof SidecarSpec>;
export const SidecarSpec = Type.Object(
  {
    workloadSelector: optional(WorkloadSelector),
    ingress: optional(Type.Array(IstioIngressListener, { description: 'Inbound ports.' })),
    egress: optional(Type.Array(IstioEgressListener, { description: 'What is visible outbound.' })),
    inboundConnectionPool: optional(ConnectionPoolSettings),
    outboundTrafficPolicy: optional(
      Type.Object(
        {
          mode: optional(
            Type.Enum(['REGISTRY_ONLY', 'ALLOW_ANY', 'ALLOW_ANY_DYNAMIC_DNS'], {
              description: 'What happens to requests for unknown hosts.',
              default: 'that of the mesh',
            }),
          ),
          egressProxy: optional(Destination),
        },
        { description: 'Requests for hosts that are not in the registry.' },
      ),
    ),
  },
  { description: 'Which services the proxies of workloads see.' },
);
