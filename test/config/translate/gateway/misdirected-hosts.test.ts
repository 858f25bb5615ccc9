import t from 'tap';
import {
  atHome,
  gatewayApi,
  kubernetesService,
} from '../../conversion/gateway-api/connection-yaml.ts';
import { gatewayOf, secret } from '../../conversion/gateway-api/gateway-yaml.ts';
import { translate } from '../translate-yaml.ts';

// RFC 9110, 15.5.20: a client may use a connection for every host of its certificate, also for
// those that another listener serves in another way.

const tls = 'tls: {certificateRefs: [{name: pair}]}';

function https(name: string, hostname?: string): string {
  const host = hostname === undefined ? '' : `hostname: "${hostname}", `;
  return `name: ${name}, port: 8443, protocol: HTTPS, ${host}${tls}`;
}

/** A route for the host at the listener. */
function route(name: string, listener: string, hostname: string): string {
  const parent = `{name: edge, sectionName: ${listener}}`;
  const rules = '[{backendRefs: [{name: pages, port: 80}]}]';
  const spec = `{parentRefs: [${parent}], hostnames: ["${hostname}"], rules: ${rules}}`;
  return gatewayApi('HTTPRoute', name, spec);
}

/** `listener: domain answer` of each virtual host. */
function answers(listeners: readonly string[], ...routes: readonly string[]): string[] {
  const parts = [
    gatewayOf('edge', listeners),
    secret('pair'),
    kubernetesService('pages', '80 http'),
  ];
  const { mesh } = translate([...parts, ...routes].join(''), atHome);
  const tables = mesh.routeTables.filter(({ name }) => name.startsWith('https.'));
  return tables.flatMap(({ name, virtualHosts }) =>
    virtualHosts.map(({ domains, routes: [first] }) => {
      const action = first?.action;
      const answer = action?.kind === 'direct-response' ? action.status : (action?.kind ?? 404);
      return `${/k8s-gateway-(\w+)/.exec(name)?.[1]}: ${domains} ${answer}`;
    }),
  );
}

t.test('hosts of other listeners of the port are answered with 421', async (t) => {
  const listeners = [https('all'), https('shop', 'shop.com'), https('blogs', '*.blogs.com')];
  t.same(answers(listeners, route('a', 'all', 'a.com'), route('shop', 'shop', 'shop.com')), [
    'all: a.com forward',
    'all: * 404',
    'all: *.blogs.com 421',
    'all: shop.com 421',
    'blogs: *.blogs.com 404',
    'blogs: * 421',
    'blogs: shop.com 421',
    'shop: shop.com forward',
    'shop: * 421',
    'shop: *.blogs.com 421',
  ]);
});

t.test('a listener without others at its port takes every other host as unknown', async (t) => {
  t.same(answers([https('shop', 'shop.com')], route('shop', 'shop', 'shop.com')), [
    'shop: shop.com forward',
  ]);
});

t.test('a listener in clear text has no connections of its own', async (t) => {
  const http = 'name: http, port: 8080, protocol: HTTP';
  t.same(answers([http, https('shop', 'shop.com')], route('shop', 'shop', 'shop.com')), [
    'shop: shop.com forward',
  ]);
});
