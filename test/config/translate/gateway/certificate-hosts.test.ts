import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { covers } from '../../../../src/config/translate/gateway/certificate-hosts.ts';
import { pem } from '../../../support/tls-fixtures.ts';
import { gateway, resource, service, translate } from '../translate-yaml.ts';

t.test('a certificate covers a host, or one of the names of a wildcard host', async (t) => {
  const cases: readonly (readonly [certificate: string, host: string, isCovered: boolean])[] = [
    ['server-a', 'a.example.com', true],
    ['server-a', 'A.Example.com', true],
    ['server-a', 'b.example.com', false],
    ['server-a', 'x.a.example.com', false],
    ['server-a', '*', true],
    ['server-a', '*.example.com', true],
    ['server-a', '*.EXAMPLE.com', true],
    ['server-a', '*.a.example.com', false],
    ['server-a', '*.ample.com', false],
    ['server-b', 'x.b.example.com', true],
    ['server-b', 'x.y.b.example.com', false],
    ['server-b', '*.b.example.com', true],
  ];
  for (const [certificate, host, isCovered] of cases) {
    const leaf = new X509Certificate(pem(certificate));
    t.equal(covers(leaf, host), isCovered, `${certificate} ${host}`);
  }
});

function secret(name: string, certificate: string): string {
  const data = { 'tls.crt': pem(certificate), 'tls.key': pem(`${certificate}.key`) };
  return `---
apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: istio-system}
stringData: ${JSON.stringify(data)}
`;
}

/** What is said of one server on which TLS ends. */
function found(hosts: string, tls: string): string[] {
  const server = `{port: {number: 443, name: p, protocol: HTTPS}, hosts: ${hosts}, tls: {${tls}}}`;
  const yaml =
    service('a') +
    resource('Gateway', 'istio-system/gw', `{servers: [${server}]}`) +
    resource(
      'VirtualService',
      'v',
      '{hosts: ["*"], gateways: [istio-system/gw], http: [{directResponse: {status: 200}}]}',
    ) +
    secret('a', 'server-a') +
    secret('b', 'server-b');
  const { findings } = translate(yaml, gateway);
  return findings.map(({ code, path, message }) => `${code} ${path}: ${message}`);
}

t.test('a server whose certificates are for none of its hosts is told', async (t) => {
  const place = 'SLC0225 spec.servers[0].tls';
  const simple = (names: string) => `mode: SIMPLE, ${names}`;
  const refused = 'and no host of the server: clients refuse it';
  const cases: readonly (readonly [hosts: string, tls: string, findings: string[]])[] = [
    ['[a.example.com]', simple('credentialName: a'), []],
    ['[other.com, a.example.com]', simple('credentialName: a'), []],
    [
      '[istio-system/a.example.com, "*.other.com"]',
      simple('credentialName: b'),
      [
        `${place}.credentialName: the certificate is for b.example.com, *.b.example.com, ${refused}`,
      ],
    ],
    ['[b.example.com]', simple('credentialNames: [a, b]'), []],
    [
      '[other.com]',
      simple('credentialNames: [a, b]'),
      [
        `${place}.credentialNames: the certificate is for a.example.com, b.example.com, *.b.example.com, ${refused}`,
      ],
    ],
    ['[other.com]', simple('serverCertificate: /c, privateKey: /k'), []],
  ];
  for (const [hosts, tls, findings] of cases) t.strictSame(found(hosts, tls), findings);
  t.match(found('[other.com]', simple('credentialName: c')), [/^SLC0222/]);
});
