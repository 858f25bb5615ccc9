/** Names and values of annotations: what is unknown, refused, without effect or wrong. */

import { readFileSync } from 'node:fs';
import t from 'tap';
import {
  idleAnnotations,
  servedAnnotations,
  snippetAnnotations,
  unenforcedAnnotations,
} from '../../../../../src/config/conversion/ingress/annotations/annotation-names.ts';
import { annotated, ingress, routesFor, said } from './annotated.ts';

const prefix = 'nginx.ingress.kubernetes.io/';

t.test('what is said of names', async (t) => {
  const cases: readonly [string, string, string | null][] = [
    [
      'rewrite-targt',
      `there is no annotation "${prefix}rewrite-targt"; it has no effect`,
      'rewrite-target',
    ],
    ['qwertyuiop', `there is no annotation "${prefix}qwertyuiop"; it has no effect`, null],
    [
      'server-snippet',
      `${prefix}server-snippet is refused: nothing here reads configuration of nginx`,
      null,
    ],
    ['auth-url', `${prefix}auth-url is not enforced: requests are served without asking`, null],
    [
      'proxy-buffering',
      `${prefix}proxy-buffering has no effect: bodies are streamed, never kept in files`,
      null,
    ],
  ];
  for (const [name, message, near] of cases) {
    const [finding, ...others] = annotated(ingress({ [name]: 'x' })).findings;
    t.same(finding?.message, message, name);
    t.same(finding?.severity, 'warning', name);
    t.same(finding?.line, 8, 'the line of the annotation');
    if (near !== null) t.equal(finding?.hint, `did you mean "${prefix}${near}"?`);
    t.same(others, []);
  }
});

t.test('nothing is said of what is done anyway', async (t) => {
  const said = (value: string) =>
    annotated(ingress({ 'proxy-buffering': value, 'enable-modsecurity': 'false' })).findings.length;
  t.equal(said('off'), 0);
  t.equal(said('on'), 1);
});

t.test('a value that cannot be used is left out, with what is allowed', async (t) => {
  const cases: readonly [string, string, string][] = [
    ['limit-rps', 'many', 'it is a whole number from 0 to 1000000'],
    ['proxy-connect-timeout', '5s', 'it is a whole number of at least 1: write "5"'],
    ['force-ssl-redirect', 'yes', 'it is "true" or "false"'],
    ['affinity', 'header', 'it is one of cookie'],
    ['backend-protocol', 'AJP', 'it is one of HTTP, HTTPS, GRPC, GRPCS, AUTO_HTTP'],
    ['app-root', 'home', 'it is a path below "/", such as /home'],
    ['permanent-redirect', '/here', 'it is a URL, such as https://example.com/new'],
    [
      'permanent-redirect',
      'https://$server_name/',
      '"$server_name" is not known; $request_uri, $host and $scheme are',
    ],
    ['rewrite-target', '/$host', '"$host" is not known; $1 to $9 are groups of the path'],
    ['rewrite-target', 'http://x/$1', 'it is a path; permanent-redirect sends to another host'],
    ['upstream-vhost', 'a.$host', '"$host" is not known here: write the text itself'],
    ['proxy-body-size', '8 MB', 'write a number of bytes, or 8k, 8m, 1g; 0 is no limit'],
    ['canary-weight', '10', 'it needs the annotation canary: "true"'],
    ['server-alias', '~^a', '"~^a" is no host: write a.example.com,*.example.org'],
    [
      'mirror-target',
      'https://a/other$uri',
      'it is a host, with a port from 1 to 65535: https://test.example.com:8443$request_uri',
    ],
    [
      'mirror-target',
      'https://a:65536$request_uri',
      'it is a host, with a port from 1 to 65535: https://test.example.com:8443$request_uri',
    ],
    ['rewrite-target', '/a b', 'write %20 for a blank'],
    ['app-root', '/a b', 'write %20 for a blank'],
    ['upstream-vhost', 'bad host', 'it is a host, such as shop.example.com'],
    [
      'limit-whitelist',
      '10.0.0.0/8,home',
      '"home" is no address or range: write 10.0.0.0/8,192.0.2.7',
    ],
  ];
  for (const [name, value, hint] of cases) {
    const { findings, routes } = annotated(ingress({ [name]: value }));
    t.same(
      findings.map((finding) => [finding.code, finding.line, finding.message, finding.hint]),
      [['SLC0270', 8, `${prefix}${name} cannot be "${value}"; it is left out`, hint]],
      `${name}: ${value}`,
    );
    t.equal(routes.get('a.com')?.length, 1, 'the rule is served');
  }
});

t.test('what would end a field or an attribute is left out', async (t) => {
  const cases: readonly [string, string, string][] = [
    ['session-cookie-name', 'a;b c', 'it is a name of letters, digits, "-" and "_"'],
    ['session-cookie-path', '/x;Domain=evil', 'it is a text in ASCII without ";"'],
    ['session-cookie-path', '/x\r\ny', 'it is a text in ASCII without ";"'],
    ['session-cookie-domain', 'a;b', 'it is a text in ASCII without ";"'],
    ['x-forwarded-prefix', '/a\r\nevil: 1', 'it is a text without control characters'],
  ];
  for (const [name, value, hint] of cases) {
    const { findings } = annotated(ingress({ affinity: 'cookie', [name]: value }));
    t.match(findings, [{ code: 'SLC0270', hint }], `${name}: ${value}`);
  }
});

t.test('names that every object has are no variables', async (t) => {
  for (const variable of ['constructor', '__proto__', 'toString']) {
    for (const [name, value] of [
      ['upstream-hash-by', `$${variable}`],
      ['permanent-redirect', `https://x/$${variable}`],
    ] as const) {
      const { findings } = annotated(ingress({ [name]: value }));
      t.match(findings, [{ code: 'SLC0270', hint: new RegExp(`"\\$${variable}" is not known`) }]);
    }
  }
});

t.test('a list of addresses that cannot be read lets nobody in', async (t) => {
  for (const name of ['whitelist-source-range', 'denylist-source-range']) {
    const made = annotated(ingress({ [name]: '10.0.0.0/33' }));
    t.match(said(made), [/cannot be "10\.0\.0\.0\/33"; nobody is let in/]);
    t.same(made.routes.get('a.com')?.[0]?.extension?.sourceIps, { deny: [], allow: [] }, name);
  }
});

t.test('the old prefix counts where the new one is not there', async (t) => {
  const yaml = ingress({ 'app-root': '/new' }).replace(
    '    nginx.ingress.kubernetes.io/app-root',
    '    ingress.kubernetes.io/app-root: /old\n    ingress.kubernetes.io/proxy-body-size: 1k\n' +
      '    ingress.kubernetes.io/of-others: x\n    nginx.ingress.kubernetes.io/app-root',
  );
  const [root, rest] = annotated(yaml).routes.get('a.com') ?? [];
  t.equal(root?.redirect?.uri, '/new');
  t.equal(rest?.extension?.maxRequestBytes, 1024);
  t.same(annotated(yaml).findings, []);
});

t.test('an Ingress that is not of nginx stays as it is', async (t) => {
  const yaml = ingress({}, { spec: 'tls: [{hosts: [a.com], secretName: s}]' });
  const other = yaml.replace(
    'kubernetes.io/ingress.class: nginx',
    'kubernetes.io/ingress.class: x',
  );
  const count = (text: string) => annotated(text).routes.get('a.com')?.length;
  t.equal(count(yaml), 2, 'nginx redirects to https');
  t.equal(count(other), 1);
  const named = `${other}---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: x}
spec: {controller: k8s.io/ingress-nginx}
`;
  t.equal(count(named), 2, 'by the controller of its class');
});

t.test('the page tells of every annotation, and of no other', async (t) => {
  const page = readFileSync('docs/ingress-annotations.md', 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const told = rows.flatMap((row) =>
    [...(row.split(' | ')[0] ?? '').matchAll(/`([\w*-]+)`/g)].map(([, name]) => name ?? ''),
  );
  t.same(
    servedAnnotations.filter((name) => !told.includes(name)),
    [],
  );
  const known = [
    ...servedAnnotations,
    ...snippetAnnotations,
    ...unenforcedAnnotations,
    ...Object.keys(idleAnnotations),
  ];
  const isKnown = (name: string) =>
    name.endsWith('*')
      ? known.some((each) => each.startsWith(name.slice(0, -1)))
      : known.includes(name);
  t.same(
    told.filter((name) => !isKnown(name)),
    [],
  );
});

t.test('an annotation without text is none', async (t) => {
  t.equal(routesFor({ 'app-root': ' ' }).length, 1);
});
