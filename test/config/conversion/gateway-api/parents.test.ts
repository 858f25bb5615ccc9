/** Which listeners take a route, with which hosts, and what is said of those that do not. */

import t from 'tap';
import type { Route } from '../../../../src/config/conversion/gateway-api/attachment.ts';
import { gatewayApiContext } from '../../../../src/config/conversion/gateway-api/context.ts';
import { readGateway } from '../../../../src/config/conversion/gateway-api/gateways.ts';
import { intersectHostnames } from '../../../../src/config/conversion/gateway-api/hostnames.ts';
import { RouteParents } from '../../../../src/config/conversion/gateway-api/parents.ts';
import { TakenPorts } from '../../../../src/config/conversion/gateway-api/taken-ports.ts';
import { TranslationFindings } from '../../../../src/config/translate/translation-findings.ts';
import { load } from '../../translate/translate-yaml.ts';
import { atHome, gatewayApi } from './connection-yaml.ts';
import { gatewayOf, namespaceOf } from './gateway-yaml.ts';

/** `condition: listener hosts, …` of each parent of the first route, and what is told. */
function attach(yaml: string) {
  const resources = load(yaml);
  const findings = new TranslationFindings();
  const context = gatewayApiContext(resources, atHome, findings);
  const ports = new TakenPorts();
  const gateways = resources.kubernetesGateways.map((one) => readGateway(one, context, ports));
  const parents = new RouteParents(gateways, context);
  const routes: readonly Route[] = [
    ...resources.httpRoutes,
    ...resources.tlsRoutes,
    ...resources.tcpRoutes,
  ];
  const [first = []] = routes.map((route) => parents.attach(route));
  return {
    parents: first.map(({ parent, accepted, attachments }) => {
      const listeners = attachments.map(
        ({ listener, hostnames }) => `${listener.spec.name} ${hostnames.join(' ')}`,
      );
      return `${[parent, accepted?.reason ?? 'nothing'].join(' ')}: ${listeners.join(', ')}`;
    }),
    counts: gateways.flatMap(({ listeners }) => listeners.map((one) => parents.routesOf(one))),
    findings: findings.list(),
  };
}

function httpRoute(name: string, parentRefs: string, hostnames = ''): string {
  const hosts = hostnames === '' ? '' : `, hostnames: [${hostnames}]`;
  return gatewayApi('HTTPRoute', name, `{parentRefs: [${parentRefs}]${hosts}}`);
}

const web = gatewayOf('web', [
  'name: http, port: 80, protocol: HTTP',
  'name: more, port: 8080, protocol: HTTP, hostname: "*.example.com"',
]);

t.test('hosts in common', async (t) => {
  const cases = [
    { listener: '*', route: [], common: ['*'] },
    { listener: 'a.test', route: [], common: ['a.test'] },
    { listener: '*', route: ['A.test', '*.b.test'], common: ['a.test', '*.b.test'] },
    { listener: 'a.test', route: ['a.test', 'b.test'], common: ['a.test'] },
    {
      listener: '*.a.test',
      route: ['a.test', 'x.a.test', 'y.x.a.test'],
      common: ['x.a.test', 'y.x.a.test'],
    },
    { listener: 'x.a.test', route: ['*.a.test', '*.test', '*.x.a.test'], common: ['x.a.test'] },
    {
      listener: '*.a.test',
      route: ['*.test', '*.x.a.test', '*.b.test'],
      common: ['*.a.test', '*.x.a.test'],
    },
    { listener: '*.a.test', route: ['xa.test', '*.aa.test'], common: [] },
  ];
  for (const { listener, route, common } of cases) {
    t.strictSame(intersectHostnames(listener, route), common, `${listener} and ${route}`);
  }
});

t.test('a parent chooses listeners by name and port', async (t) => {
  const cases = [
    { ref: 'name: web', to: 'gateway Accepted: http *, more *.example.com' },
    { ref: 'name: web, sectionName: more', to: 'gateway Accepted: more *.example.com' },
    { ref: 'name: web, port: 80', to: 'gateway Accepted: http *' },
    { ref: 'name: web, port: 80, sectionName: more', to: 'gateway NoMatchingParent: ' },
    { ref: 'name: web, sectionName: moore', to: 'gateway NoMatchingParent: ' },
    { ref: 'name: elsewhere', to: 'gateway NoMatchingParent: ' },
    { ref: 'name: web, kind: Service, group: ""', to: 'mesh nothing: ' },
    { ref: 'name: web, kind: ServiceEntry, group: networking.istio.io', to: 'mesh nothing: ' },
    { ref: 'name: web, kind: Deployment, group: apps', to: 'other InvalidKind: ' },
  ];
  for (const { ref, to } of cases) {
    t.strictSame(attach(web + httpRoute('r', `{${ref}}`)).parents, [to], ref);
  }
});

t.test('why a route is not attached stands at its parent', async (t) => {
  const cases = [
    {
      ref: 'name: web, sectionName: moore',
      code: 'SLC0265',
      field: '.sectionName',
      message: /NoMatchingParent\): Gateway web has no listener with name "moore"$/,
      hint: 'did you mean "more"?',
    },
    {
      ref: 'name: web, port: 81',
      code: 'SLC0265',
      field: '.port',
      message: /Gateway web has no listener on port 81$/,
      hint: 'it has "http" on port 80, "more" on port 8080',
    },
    {
      ref: 'name: elsewhere',
      code: 'SLC0201',
      field: '.name',
      message: /there is no Gateway default\/elsewhere$/,
    },
    {
      ref: 'name: web, kind: Deployment, group: apps',
      code: 'SLC0265',
      field: '.kind',
      message: /InvalidKind\): routes attach to a Gateway or a Service/,
    },
    {
      ref: 'name: web, sectionName: more',
      code: 'SLC0265',
      field: '',
      message: /NoMatchingListenerHostname\): the hostnames have nothing in common/,
      hint: 'served there: *.example.com',
    },
  ];
  for (const { ref, code, field, message, hint = null } of cases) {
    const { findings } = attach(web + httpRoute('r', `{${ref}}`, 'a.test'));
    t.match(findings, [{ code, path: `spec.parentRefs[0]${field}`, message, hint }], ref);
  }
});

t.test('a listener takes the routes of the namespaces and kinds that it allows', async (t) => {
  const namespaces = namespaceOf('shop', 'team: blue') + namespaceOf('bank', 'team: red');
  const cases = [
    { allowed: '', from: ['default'] },
    { allowed: 'namespaces: {from: Same}', from: ['default'] },
    { allowed: 'namespaces: {from: All}', from: ['default', 'shop', 'bank'] },
    { allowed: 'namespaces: {from: None}', from: [] },
    {
      allowed: 'namespaces: {from: Selector, selector: {matchLabels: {team: blue}}}',
      from: ['shop'],
    },
    {
      allowed:
        'namespaces: {from: Selector, selector: ' +
        '{matchExpressions: [{key: team, operator: NotIn, values: [blue]}]}}',
      from: ['default', 'bank'],
    },
    {
      allowed:
        'namespaces: {from: Selector, selector: ' +
        '{matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [bank]}]}}',
      from: ['bank'],
    },
    { allowed: 'namespaces: {from: All}, kinds: [{kind: GRPCRoute}]', from: [] },
  ];
  for (const { allowed, from } of cases) {
    const listener = `name: http, port: 80, protocol: HTTP, allowedRoutes: {${allowed}}`;
    const yaml = namespaces + gatewayOf('web', [listener]);
    for (const name of ['default', 'shop', 'bank']) {
      const route = httpRoute(`${name}/r`, '{name: web, namespace: default}');
      const to = from.includes(name)
        ? 'gateway Accepted: http *'
        : 'gateway NotAllowedByListeners: ';
      t.strictSame(attach(yaml + route).parents, [to], `${allowed} from ${name}`);
    }
  }
});

t.test('a host is for the listener whose host fits it best, and for no other', async (t) => {
  const yaml = gatewayOf('web', [
    'name: all, port: 80, protocol: HTTP',
    'name: below, port: 80, protocol: HTTP, hostname: "*.example.com"',
    'name: one, port: 80, protocol: HTTP, hostname: a.example.com',
    'name: other-port, port: 81, protocol: HTTP',
  ]);
  const hosts = '"*.example.com", a.example.com, b.example.com, c.test';
  const { parents, counts, findings } = attach(yaml + httpRoute('r', '{name: web}', hosts));
  t.strictSame(parents, [
    'gateway Accepted: all c.test, below *.example.com b.example.com, one a.example.com, ' +
      'other-port *.example.com a.example.com b.example.com c.test',
  ]);
  t.strictSame(counts, [1, 1, 1, 1]);
  t.strictSame(findings, []);
});

t.test('a listener that is not served takes no host from others', async (t) => {
  const others = [
    'port: 80, protocol: example.com/odd',
    'port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: own, namespace: other}]}',
  ];
  for (const other of others) {
    const yaml = gatewayOf('web', [
      'name: all, port: 80, protocol: HTTP',
      'name: secure, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: own}]}',
      `name: odd, ${other}, hostname: a.example.com`,
    ]);
    const route = httpRoute('r', '{name: web, sectionName: all}', 'a.example.com');
    const { parents } = attach(yaml + route);
    t.strictSame(parents, ['gateway Accepted: all a.example.com'], other);
  }
  const taken =
    gatewayOf('first', ['name: tls, port: 443, protocol: HTTPS, hostname: a.example.com']) +
    gatewayOf('web', [
      'name: all, port: 443, protocol: HTTPS',
      'name: odd, port: 443, protocol: HTTPS, hostname: a.example.com',
    ]);
  const own = taken.replaceAll('HTTPS', 'HTTPS, tls: {certificateRefs: [{name: own}]}');
  const route = httpRoute('r', '{name: web, sectionName: all}', 'a.example.com');
  t.strictSame(attach(own + route).parents, ['gateway Accepted: all a.example.com']);
});

t.test('a host that a closer listener keeps from a route is told', async (t) => {
  const yaml = gatewayOf('web', [
    'name: all, port: 80, protocol: HTTP',
    'name: one, port: 80, protocol: HTTP, hostname: a.example.com',
  ]);
  const hosts = 'a.example.com, b.example.com';
  const alone = attach(yaml + httpRoute('r', '{name: web, sectionName: all}', hosts));
  t.strictSame(alone.parents, ['gateway Accepted: all b.example.com']);
  t.match(alone.findings, [
    {
      code: 'SLC0265',
      path: 'spec.parentRefs[0]',
      message:
        'listener "all" gets no requests for a.example.com: they are for listener "one", to which ' +
        'the route is not attached',
    },
  ]);
  const both = '{name: web, sectionName: all}, {name: web, sectionName: one}';
  t.strictSame(attach(yaml + httpRoute('r', both, hosts)).findings, []);
});

t.test('a route without parents is told', async (t) => {
  const { findings } = attach(web + httpRoute('r', ''));
  t.match(findings, [{ code: 'SLC0265', path: 'spec.parentRefs', message: /no parentRefs/ }]);
});

t.test('a route counts once for each listener', async (t) => {
  const twice = httpRoute('r', '{name: web}, {name: web, sectionName: http}');
  const { counts } = attach(web + twice + httpRoute('other', '{name: web, port: 80}'));
  t.strictSame(counts, [2, 1]);
});

t.test('a route that is attached to a listener without service has no rules there', async (t) => {
  const https = 'name: https, port: 443, protocol: HTTPS';
  const { parents, counts } = attach(gatewayOf('web', [https]) + httpRoute('r', '{name: web}'));
  t.strictSame(parents, ['gateway Accepted: ']);
  t.strictSame(counts, [1]);
});

t.test('connections', async (t) => {
  const yaml = gatewayOf('web', [
    'name: tcp, port: 9000, protocol: TCP',
    'name: pass, port: 9443, protocol: TLS, hostname: "*.test", tls: {mode: Passthrough}',
  ]);
  const rules = 'rules: [{backendRefs: [{name: a, port: 80}]}]';
  const parentRefs = `parentRefs: [{name: web}], ${rules}`;
  const tls = gatewayApi('TLSRoute', 'r', `{${parentRefs}, hostnames: [a.test]}`);
  const tcp = gatewayApi('TCPRoute', 'r', `{${parentRefs}}`);
  t.strictSame(attach(yaml + tls).parents, ['gateway Accepted: pass a.test']);
  t.strictSame(attach(yaml + tcp).parents, ['gateway Accepted: tcp *']);
  t.strictSame(attach(web + tcp).parents, ['gateway NotAllowedByListeners: ']);
});
