import t from 'tap';
import { chainSummaries, entry, listeningOn, outbound } from '../chain-summaries.ts';
import { gateway, resource, translate } from '../translate-yaml.ts';

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

/** Chains of a PASSTHROUGH server for `*.example.com` on port 443, and what is found. */
function passthrough(...rules: readonly string[]): { chains: string[]; codes: string[] } {
  const server =
    '{port: {number: 443, name: tls, protocol: TLS}, hosts: ["*.example.com"], tls: {mode: PASSTHROUGH}}';
  const bound = rules.map((rule, index) =>
    resource(
      'VirtualService',
      `v${index}`,
      `{hosts: ["*.example.com"], gateways: [default/gw], tls: [${rule}]}`,
    ),
  );
  const yaml = services + resource('Gateway', 'gw', `{servers: [${server}]}`) + bound.join('');
  const translation = translate(yaml, { ...gateway, selectorsApply: false });
  return {
    chains: chainSummaries(translation),
    codes: translation.findings.map(({ code }) => code),
  };
}

t.test(
  'a PASSTHROUGH server has the rules of all its VirtualServices, by server name',
  async (t) => {
    const to = (names: string, host: string, extra = '') =>
      `{match: [{sniHosts: ${names}${extra}}], route: [{destination: {host: ${host}}}]}`;
    const wildcard = to('["*.example.com"]', b);
    const exact = to('[A.example.com]', a, ', sourceLabels: {app: nobody}');
    const chains = [
      `*.example.com -> ${outbound(b, 443)} (1)`,
      `a.example.com -> ${outbound(a, 443)} (1)`,
    ];
    t.strictSame(passthrough(`${wildcard}, ${exact}`), { chains, codes: [] });
    t.strictSame(passthrough(wildcard, exact), { chains, codes: [] });
    t.strictSame(passthrough(to('[a.example.com]', a, ', port: 8443')).chains, []);
    t.strictSame(
      passthrough(exact, to('[x.example.com, a.example.com]', b)),
      { chains: [chains[1]], codes: ['SLC0230'] },
      'a match with one name that is taken is left out whole',
    );
  },
);
