import t from 'tap';
import { chainSummaries, entry, listeningOn, outbound } from './chain-summaries.ts';
import { resource, translate } from './translate-yaml.ts';

const tls = { port: 443, protocol: 'TLS' };
const a = 'a.example.com';
const b = 'b.example.org';
const services = entry(a, tls) + entry(b, { ...tls, protocol: 'HTTPS' });
const unknown = 'any -> PassthroughCluster (1)';

function chainsWith(rules: string, host = a): string[] {
  const rule = resource('VirtualService', 'v', `{hosts: ["${host}"], tls: [${rules}]}`);
  return chainSummaries(translate(services + rule, listeningOn(443)));
}

t.test('services of a TLS port are told apart by server name', async (t) => {
  const wildcard = entry('*.B.example.org', tls);
  t.strictSame(chainSummaries(translate(services + wildcard, listeningOn(443))), [
    `*.b.example.org -> ${outbound('*.B.example.org', 443)} (1)`,
    `${a} -> ${outbound(a, 443)} (1)`,
    `${b} -> ${outbound(b, 443)} (1)`,
    unknown,
  ]);
});

t.test('rules take the place of the service, each with its server names', async (t) => {
  const toB = `route: [{destination: {host: ${b}}}]`;
  const ofB = `${b} -> ${outbound(b, 443)} (1)`;
  const own = `${a} -> ${outbound(a, 443)} (1)`;
  const ruled = `${a} -> ${outbound(b, 443)} (1)`;
  const table: readonly [string, string, string[]][] = [
    ['a name', `{match: [{sniHosts: [${a}]}], ${toB}}`, [ruled, ofB, unknown]],
    ['its port', `{match: [{port: 443, sniHosts: [${a}]}], ${toB}}`, [ruled, ofB, unknown]],
    ['another port', `{match: [{port: 8443, sniHosts: [${a}]}], ${toB}}`, [own, ofB, unknown]],
    [
      'other labels',
      `{match: [{sourceLabels: {app: other}, sniHosts: [${a}]}], ${toB}}`,
      [own, ofB, unknown],
    ],
    [
      'subnets',
      `{match: [{destinationSubnets: [10.0.0.0/8], sniHosts: [${a}]}], ${toB}}`,
      [`10.0.0.0/8 ${ruled}`, ofB, unknown],
    ],
    [
      'the first of two with one name',
      `{match: [{sniHosts: [${a}]}], ${toB}}, {match: [{sniHosts: [${a}]}], route: [{destination: {host: ${a}}}]}`,
      [ruled, ofB, unknown],
    ],
    [
      'weights',
      `{match: [{sniHosts: [${a}]}], route: [{destination: {host: ${a}}, weight: 1}, {destination: {host: ${b}}, weight: 2}]}`,
      [`${a} -> ${outbound(a, 443)} (1), ${outbound(b, 443)} (2)`, ofB, unknown],
    ],
  ];
  for (const [name, rules, expected] of table) t.strictSame(chainsWith(rules), expected, name);
});

t.test('a wildcard rule holds for the services below it', async (t) => {
  const rule = `{match: [{sniHosts: ["*.example.com"]}], route: [{destination: {host: ${b}}}]}`;
  t.strictSame(chainsWith(rule, '*.example.com'), [
    `*.example.com -> ${outbound(b, 443)} (1)`,
    `${b} -> ${outbound(b, 443)} (1)`,
    unknown,
  ]);
});

t.test('rules of tls do nothing where the port is not TLS, those of tcp where it is', async (t) => {
  const rule = (field: string) =>
    resource(
      'VirtualService',
      'v',
      `{hosts: [${a}], ${field}: [{match: [{sniHosts: [${a}]}], route: [{destination: {host: ${b}}}]}]}`,
    );
  const plain = entry(a, { port: 443 }) + entry(b, tls);
  t.strictSame(chainSummaries(translate(plain + rule('tls'), listeningOn(443))), [
    `any -> ${outbound(a, 443)} (1)`,
    `${b} -> ${outbound(b, 443)} (1)`,
  ]);
  const tcp = resource(
    'VirtualService',
    'v',
    `{hosts: [${a}], tcp: [{route: [{destination: {host: ${b}}}]}]}`,
  );
  t.strictSame(chainSummaries(translate(services + tcp, listeningOn(443))), [
    `${a} -> ${outbound(a, 443)} (1)`,
    `${b} -> ${outbound(b, 443)} (1)`,
    unknown,
  ]);
});

t.test(
  'a server name that nothing knows is passed through, or with REGISTRY_ONLY refused',
  async (t) => {
    const settings = listeningOn(443);
    const closed = {
      ...settings,
      mesh: { ...settings.mesh, outboundTrafficPolicy: 'REGISTRY_ONLY' },
    } as const;
    t.equal(chainSummaries(translate(services, closed)).at(-1), 'any -> BlackHoleCluster (1)');
  },
);
