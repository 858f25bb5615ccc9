/** From resources to routing decisions without any socket, for tables of expected decisions. */

import { strict as assert } from 'node:assert';
import { SeededRandom } from '../../src/base/random.ts';
import { mergeSettings } from '../../src/config/settings/merge-settings.ts';
import type { ProxyFlags } from '../../src/config/settings/proxy-flags.ts';
import { translateMesh } from '../../src/config/translate/mesh.ts';
import type { Listener } from '../../src/model/listener.ts';
import type { CompiledRoute } from '../../src/routing/compiled-route.ts';
import { matchRoute } from '../../src/routing/match.ts';
import { normalizePath } from '../../src/routing/path-normalization.ts';
import { rewritePath } from '../../src/routing/path-rewrite.ts';
import { redirectLocation } from '../../src/routing/redirect.ts';
import type { RouteRequest } from '../../src/routing/route-request.ts';
import {
  type CompiledRouteTable,
  type CompiledVirtualHost,
  compileRouteTable,
} from '../../src/routing/route-table.ts';
import { chooseCluster } from '../../src/routing/weighted-choice.ts';
import { loadResources } from '../support/load-resources.ts';
import { routeRequest } from '../support/route-models.ts';

/** What happens to a request, as far as routing decides it. */
export interface Decision {
  readonly listener: string | null;
  readonly table: string | null;
  readonly virtualHost: string | null;
  readonly routeName: string | null;
  readonly cluster: string | null;
  /** What goes upstream. */
  readonly upstreamPath: string | null;
  readonly upstreamAuthority: string | null;
  /** Of an answer by the proxy itself. */
  readonly status: number | null;
  readonly location: string | null;
  readonly body: string | null;
}

export interface GatewayCall {
  readonly port: number;
  readonly authority: string;
  readonly path: string;
  readonly method?: string;
  readonly scheme?: string;
  readonly headers?: readonly (readonly [string, string])[];
}

const nothing: Decision = {
  listener: null,
  table: null,
  virtualHost: null,
  routeName: null,
  cluster: null,
  upstreamPath: null,
  upstreamAuthority: null,
  status: null,
  location: null,
  body: null,
};

export class RoutedGateway {
  readonly #listeners: readonly Listener[];
  readonly #tables: ReadonlyMap<string, CompiledRouteTable>;
  readonly #random = new SeededRandom(1);

  constructor(documents: readonly unknown[], flags: ProxyFlags) {
    // JSON is YAML.
    const text = documents.map((document) => JSON.stringify(document)).join('\n---\n');
    const { resources } = loadResources([{ path: 'case.yaml', text }]);
    const settings = mergeSettings(flags, []);
    assert(settings.ok);
    const { mesh } = translateMesh(resources, settings.value.proxy);
    this.#listeners = mesh.listeners.filter(({ direction }) => direction === 'gateway');
    this.#tables = new Map(mesh.routeTables.map((table) => [table.name, compileRouteTable(table)]));
  }

  decide(call: GatewayCall): Decision {
    const listener = this.#listeners.find(({ servicePort }) => servicePort === call.port);
    if (listener === undefined) return nothing;
    const [chain] = listener.filterChains;
    assert(chain?.kind === 'http');
    const { http, routes } = chain;
    assert(routes.kind === 'table');
    const found: Decision = { ...nothing, listener: listener.name, table: routes.name };
    const path = normalizePath(call.path, http.pathNormalization);
    if (path === null) return { ...found, status: 400 };
    const host = this.#tables.get(routes.name)?.findVirtualHost(call.authority) ?? null;
    if (host === null) return { ...found, status: 404 };
    return { ...found, ...this.#decideIn(host, routeRequest(path, call)) };
  }

  #decideIn(host: CompiledVirtualHost, request: RouteRequest): Partial<Decision> {
    const virtualHost = host.virtualHost.name;
    if (host.virtualHost.requireTls && request.scheme !== 'https') {
      const location = `https://${request.authority}${request.path}`;
      return { virtualHost, status: 301, location };
    }
    const route = matchRoute(host, request);
    if (route === null) return { virtualHost, status: 404 };
    return { virtualHost, routeName: route.route.name, ...this.#act(route, request) };
  }

  #act(route: CompiledRoute, request: RouteRequest): Partial<Decision> {
    const { action } = route;
    switch (action.kind) {
      case 'forward': {
        const chosen = chooseCluster(action, this.#random);
        return {
          cluster: chosen.cluster,
          upstreamPath: rewritePath(route, request.path),
          upstreamAuthority: action.action.hostRewrite ?? chosen.hostRewrite ?? request.authority,
        };
      }
      case 'redirect':
        return {
          status: action.action.status,
          location: redirectLocation(action, request, route),
        };
      case 'direct-response':
        return { status: action.action.status, body: action.action.body?.data ?? '' };
    }
  }
}
