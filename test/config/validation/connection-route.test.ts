/** Rules of `tls` and `tcp` in a VirtualService, and what is wrong with them. */

import t from 'tap';
import { loadResources } from '../../support/load-resources.ts';

const route = [{ destination: { host: 'web' } }];

/** `path: severity message` of what is found. */
function problems(spec: object): string[] {
  const whole = { hosts: ['*.example.com'], ...spec };
  const resource = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', spec: whole };
  const text = JSON.stringify({ ...resource, metadata: { name: 'a' } });
  const { findings } = loadResources([{ path: 'a.json', text }]);
  return findings.map(({ path, severity, message }) => `${path}: ${severity} ${message}`);
}

const tls = (...matches: object[]) => problems({ tls: [{ match: matches, route }] });
const tcp = (...rules: object[]) => problems({ tcp: rules.map((rule) => ({ route, ...rule })) });

t.test('a rule for connections is checked in all its parts', async (t) => {
  const sniHosts = ['a.example.com'];
  const table: readonly [string[], RegExp | null][] = [
    [tls({ sniHosts }), null],
    [tls({ sniHosts, port: 443, destinationSubnets: ['10.0.0.0/8'], gateways: ['gw'] }), null],
    [tls(), /^spec\.tls\[0\]\.match: error .*at least one match/],
    [tls({ sniHosts: [] }), /sniHosts: error sniHosts is empty/],
    [tls({ sniHosts: ['b.example.org'] }), /sniHosts\[0\]: error .*not covered by the hosts/],
    [tls({ sniHosts: ['a.*.com'] }), /sniHosts\[0\]: error/],
    [tls({ sniHosts, port: 70_000 }), /port: error/],
    [tls({ sniHosts, destinationSubnets: ['10.0.0.0/33'] }), /not an address range/],
    [tcp({ match: [{ port: 9000, sourceLabels: { app: 'web' } }] }), null],
    [tcp({ match: [{ sourceSubnet: '10.0.0.0/8' }] }), /warning "sourceSubnet" has no effect/],
    [problems({ tcp: [{}] }), /^spec\.tcp\[0\]: error .*does not say where/],
  ];
  for (const [found, expected] of table) {
    t.equal(found.length, expected === null ? 0 : 1, found.join('; '));
    if (expected !== null) t.match(found[0], expected);
  }
});

t.test('a rule that an earlier one leaves nothing is told', async (t) => {
  const port = { match: [{ port: 9000 }] };
  t.strictSame(tcp(port, {}), []);
  t.match(tcp({}, port), [/^spec\.tcp\[1\]: warning an earlier rule has all connections/]);
  t.match(tcp({ match: [{}] }, port), [/^spec\.tcp\[1\]/]);
  const sniHosts = ['a.example.com'];
  t.strictSame(tls({ sniHosts, sourceLabels: { app: 'web' } }, { sniHosts }), []);
  t.strictSame(tls({ sniHosts }, { sniHosts: ['*.example.com'] }), []);
  t.match(tls({ sniHosts }, { sniHosts, port: 443 }), [
    /^spec\.tls\[0\]\.match\[1\]\.sniHosts\[0\]: info an earlier rule/,
  ]);
});
