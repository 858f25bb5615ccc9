/** HTTPRoutes and GRPCRoutes written in a test, and the routes that become of them. */

import { type Translation, translateMesh } from '../../../../src/config/translate/mesh.ts';
import type { Route } from '../../../../src/model/route.ts';
import type { RouteMatch } from '../../../../src/model/route-match.ts';
import { load } from '../../translate/translate-yaml.ts';
import { atHome, gatewayApi, kubernetesService } from './connection-yaml.ts';
import { gatewayOf } from './gateway-yaml.ts';

/** A Gateway `gw` with one listener for all hosts and namespaces. */
export const gw = gatewayOf('gw', [
  'name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}',
]);

/** Each rule in flow style; `created`: day of its creation. */
export function httpRoute(name: string, rules: readonly string[], created = 1): string {
  return route('HTTPRoute', name, { rules, created });
}

export function grpcRoute(name: string, rules: readonly string[], created = 1): string {
  return route('GRPCRoute', name, { rules, created });
}

function route(
  kind: string,
  name: string,
  { rules, created }: { readonly rules: readonly string[]; readonly created: number },
): string {
  const list = rules.map((rule) => `    - ${rule}\n`).join('');
  const parents = 'parentRefs: [{name: gw, namespace: default}]';
  const spec = `\n  ${parents}\n  hostnames: [x.test]\n  rules:\n${list}`;
  return gatewayApi(kind, name, spec, created);
}

/** With port 80 and one endpoint; a name may be `namespace/name`. */
export function services(...names: readonly string[]): string {
  return names.map((name) => kubernetesService(name, '80 http')).join('');
}

export function translated(...yaml: readonly string[]): Translation {
  return translateMesh(load(yaml.join('')), atHome);
}

/** Of x.test on port 80. */
export function routesOf({ mesh }: Translation): readonly Route[] {
  const table = mesh.routeTables.find(({ name }) => name === 'http.80');
  const host = table?.virtualHosts.find(({ domains }) => domains.includes('x.test'));
  return host?.routes ?? [];
}

/** The only one. */
export function routeOf(translation: Translation): Route {
  const routes = routesOf(translation);
  const [route] = routes;
  if (route === undefined || routes.length > 1) throw new Error(`${routes.length} routes`);
  return route;
}

/** `name: conditions -> clusters` of each route in their order. */
export function routeLines(translation: Translation): string[] {
  return routesOf(translation).map(
    ({ name, match, action }) => `${name}: ${matchText(match)} -> ${actionText(action)}`,
  );
}

function matchText({ path, headers, queryParameters }: RouteMatch): string {
  const named = [...headers, ...queryParameters].map(
    ({ name, match }) => `${name}=${match.kind === 'present' ? '*' : match.value}`,
  );
  return [`${path.kind} ${path.value}`, ...named].join(' ');
}

function actionText(action: Route['action']): string {
  if (action.kind !== 'forward') return `${action.kind} ${action.status}`;
  return action.clusters
    .map(({ cluster, weight }) => `${shortName(cluster)}${weight === 1 ? '' : ` ${weight}`}`)
    .join(', ');
}

/** `a` for `outbound|80||a.default.svc.cluster.local`, `a#v1` with a subset. */
export function shortName(cluster: string): string {
  const [, port = '80', subset = '', host = ''] = cluster.split('|');
  const name = host.replace('.svc.cluster.local', '').replace(/\.default$/, '');
  return `${name}${port === '80' ? '' : `:${port}`}${subset === '' ? '' : `#${subset}`}`;
}
