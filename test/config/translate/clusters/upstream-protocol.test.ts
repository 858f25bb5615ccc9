// Which protocol is spoken with endpoints: the port's, the DestinationRule's, the mesh's word.

import t from 'tap';
import { upstreamProtocol } from '../../../../src/config/translate/clusters/upstream-protocol.ts';
import { meshSettings, sidecar, translate } from '../translate-yaml.ts';

t.test('the port decides, unless a policy does', async (t) => {
  t.equal(upstreamProtocol('HTTP', undefined, false), 'http1');
  t.equal(upstreamProtocol('UNSPECIFIED', {}, false), 'http1');
  t.equal(upstreamProtocol('HTTP2', undefined, false), 'http2');
  t.equal(upstreamProtocol('GRPC', { http: {} }, false), 'http2');
  t.equal(upstreamProtocol('GRPC', { http: { h2UpgradePolicy: 'DEFAULT' } }, false), 'http2');
});

t.test('a DestinationRule may upgrade any port, and never takes HTTP/2 away', async (t) => {
  const upgrade = { http: { h2UpgradePolicy: 'UPGRADE' } } as const;
  const no = { http: { h2UpgradePolicy: 'DO_NOT_UPGRADE' } } as const;
  t.equal(upstreamProtocol('HTTP', upgrade, false), 'http2');
  t.equal(upstreamProtocol('UNSPECIFIED', upgrade, false), 'http2');
  t.equal(upstreamProtocol('HTTP', no, true), 'http1');
  t.equal(upstreamProtocol('HTTP2', no, false), 'http2');
  t.equal(upstreamProtocol('HTTP2', { http: { useClientProtocol: true } }, true), 'downstream');
});

t.test('the mesh upgrades only what is declared as HTTP', async (t) => {
  t.equal(upstreamProtocol('HTTP', undefined, true), 'http2');
  t.equal(upstreamProtocol('UNSPECIFIED', undefined, true), 'http1');
});

t.test('clusters say it', async (t) => {
  const { clusters } = translate(
    `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a}
spec:
  hosts: [a.example.com]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}, {number: 81, name: grpc, protocol: GRPC}]
  endpoints: [{address: 127.0.0.1}]
`,
    { ...sidecar, mesh: { ...meshSettings, h2UpgradePolicy: 'UPGRADE' } },
  ).mesh;
  const protocolOf = (name: string) => clusters.find((each) => each.name === name)?.protocol;
  t.equal(protocolOf('outbound|80||a.example.com'), 'http2');
  t.equal(protocolOf('outbound|81||a.example.com'), 'http2');
  t.equal(protocolOf('PassthroughCluster'), 'downstream');
});
