import t from 'tap';
import { translate } from '../../translate/translate-yaml.ts';
import { atHome, edge, gatewayApi, kubernetesService } from './connection-yaml.ts';

// gRPC is HTTP/2 alone, and a port that declares nothing would be spoken to in HTTP/1.1.

const listener = '{name: http, port: 8080, protocol: HTTP}';
const services =
  kubernetesService('greeter', '9000 anything', '9001 http-admin') +
  kubernetesService('pages', '80 web');

function protocols(kind: string, port: number): Record<string, string> {
  const route = gatewayApi(
    kind,
    'greeter',
    `{parentRefs: [{name: edge}], rules: [{backendRefs: [{name: greeter, port: ${port}}]}]}`,
  );
  const { mesh } = translate(edge(listener) + services + route, atHome);
  const outbound = mesh.clusters.filter(({ name }) => name.startsWith('outbound|'));
  return Object.fromEntries(
    outbound.map(({ name, protocol }) => [
      name.replace(/^outbound\|(\d+)\|\|(\w+).*/, '$2:$1'),
      protocol,
    ]),
  );
}

t.test('a port that a GRPCRoute names is gRPC where it declares nothing', async (t) => {
  t.match(protocols('GRPCRoute', 9000), { 'greeter:9000': 'http2', 'greeter:9001': 'http1' });
});

t.test('a GRPCRoute that is not attached, or must not use the Service, says nothing', async (t) => {
  const shown = (route: string) => {
    const { mesh } = translate(
      edge(`${listener.slice(0, -1)}, allowedRoutes: {namespaces: {from: All}}}`) +
        services +
        route,
      atHome,
    );
    const found = mesh.clusters.find(({ name }) => name.startsWith('outbound|9000||greeter'));
    return found?.protocol;
  };
  const backend = 'name: greeter, namespace: default, port: 9000';
  const routeOf = (name: string, parent: string, ref: string) =>
    gatewayApi('GRPCRoute', name, `{parentRefs: [${parent}], rules: [{backendRefs: [{${ref}}]}]}`);
  const edgeParent = '{name: edge, namespace: default}';
  t.equal(shown(routeOf('r', edgeParent, backend)), 'http2');
  t.equal(shown(routeOf('r', '{name: nothere}', backend)), 'http1', 'no such Gateway');
  t.equal(shown(routeOf('theirs/r', edgeParent, backend)), 'http1', 'no ReferenceGrant');
  t.equal(shown(routeOf('r', edgeParent, `group: example.com, ${backend}`)), 'http1');
});

t.test('what a port declares stays', async (t) => {
  t.match(protocols('GRPCRoute', 9001), { 'greeter:9000': 'http1', 'greeter:9001': 'http1' });
});

t.test('an HTTPRoute says nothing of the protocol', async (t) => {
  t.match(protocols('HTTPRoute', 9000), { 'greeter:9000': 'http1', 'greeter:9001': 'http1' });
});
