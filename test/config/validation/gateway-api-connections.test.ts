/** What the API server would refuse of routes for connections and of BackendTLSPolicies. */

import t from 'tap';
import { loadResources } from '../../support/load-resources.ts';

/** `path: message` of each finding. */
function mistakes(kind: string, spec: string): string[] {
  const text = `apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: {name: r}
spec: {${spec}}
`;
  const { findings } = loadResources([{ path: 'r.yaml', text }]);
  return findings.map(({ path, severity, message }) => `${path} ${severity}: ${message}`);
}

const rule = '{backendRefs: [{name: a, port: 80}]}';

t.test('routes', async (t) => {
  const table: readonly (readonly [kind: string, spec: string, expected: readonly string[]])[] = [
    ['TLSRoute', `hostnames: [a.test, "*.b.test"], rules: [${rule}]`, []],
    [
      'TLSRoute',
      `hostnames: ["*"], rules: [${rule}]`,
      ['spec.hostnames[0] error: "*" is not a host name'],
    ],
    ['TLSRoute', 'hostnames: [a.test]', ['spec error: the route has no rule']],
    ['TCPRoute', `rules: [${rule}]`, []],
    ['TCPRoute', 'rules: []', ['spec error: the route has no rule']],
    [
      'TCPRoute',
      `rules: [${rule}, ${rule}]`,
      [
        'spec.rules[1] warning: only the first rule counts: a connection has nothing to tell rules apart',
      ],
    ],
  ];
  for (const [kind, spec, expected] of table) t.strictSame(mistakes(kind, spec), expected, spec);
});

const target = '{group: "", kind: Service, name: a}';
const authority = 'caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]';
const system = 'wellKnownCACertificates: System';

t.test('targets of policies', async (t) => {
  const of = (targets: string) =>
    mistakes(
      'BackendTLSPolicy',
      `targetRefs: [${targets}], validation: {${system}, hostname: a.test}`,
    );
  t.strictSame(of(`${target}, {group: "", kind: Service, name: a, sectionName: http}`), []);
  t.strictSame(of(''), ['spec.targetRefs error: the policy has no target']);
  t.strictSame(of(`${target}, ${target}`), [
    'spec.targetRefs[1] error: the target is listed twice',
  ]);
});

t.test('what a policy verifies', async (t) => {
  const names = (list: string) => `${system}, hostname: a.test, subjectAltNames: [${list}]`;
  const table: readonly (readonly [validation: string, expected: readonly string[]])[] = [
    [`${authority}, hostname: a.test`, []],
    [names('{type: Hostname, hostname: "*.a.test"}, {type: URI, uri: "spiffe://a"}'), []],
    ['hostname: a.test', [' error: the policy does not say which authorities it trusts']],
    [
      `${authority}, ${system}, hostname: a.test`,
      [
        '.wellKnownCACertificates error: wellKnownCACertificates cannot stand beside caCertificateRefs',
      ],
    ],
    [
      `${system}, hostname: "*.a.test"`,
      ['.hostname error: "*.a.test" is not a host name (the part "*" is not valid)'],
    ],
    [
      `${system}, hostname: 10.0.0.1`,
      ['.hostname error: "10.0.0.1" is not a host name (the last part is a number)'],
    ],
    [names('{type: URI}'), ['.subjectAltNames[0] error: a name of the type URI needs "uri"']],
    [
      names('{type: Hostname, hostname: a.test, uri: "spiffe://a"}'),
      ['.subjectAltNames[0].uri error: a name of the type Hostname cannot have "uri"'],
    ],
    [
      names('{type: Hostname, hostname: a_b}'),
      [
        '.subjectAltNames[0].hostname error: "a_b" is not a host name (the part "a_b" is not valid)',
      ],
    ],
  ];
  for (const [validation, expected] of table) {
    const found = mistakes(
      'BackendTLSPolicy',
      `targetRefs: [${target}], validation: {${validation}}`,
    );
    const shown = found.map((text) => text.replace('spec.validation', ''));
    t.strictSame(shown, expected, validation);
  }
});
