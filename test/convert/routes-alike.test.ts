/**
 * What is converted routes as the Ingresses do: random Ingresses are converted, the text that is
 * printed is read again, and both are asked where random requests go. 120 configurations for each
 * kind, 5,000 with SLUICE_FULL=1; 40 requests each.
 */

import * as fc from 'fast-check';
import t from 'tap';
import { mergeSettings } from '../../src/config/settings/merge-settings.ts';
import { translateMesh } from '../../src/config/translate/mesh.ts';
import { applyConverted, withAssumedServices } from '../../src/convert/apply-converted.ts';
import { comparableMesh, SubsetNames, strict } from '../../src/convert/comparable-mesh.ts';
import { convert, type Target } from '../../src/convert/convert.ts';
import { leniencyFor } from '../../src/convert/leniency-for.ts';
import { joinDocuments, resourceYaml } from '../../src/convert/resource-yaml.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import { matchRoute } from '../../src/routing/match.ts';
import { rewritePath } from '../../src/routing/path-rewrite.ts';
import { redirectLocation } from '../../src/routing/redirect.ts';
import { type CompiledRouteTable, compileRouteTable } from '../../src/routing/route-table.ts';
import { loadResources } from '../support/load-resources.ts';
import { routeRequest } from '../support/route-models.ts';
import {
  type AskedRequest,
  forHttpRoutes,
  forVirtualServices,
  ownResources,
  requests,
  rewritingIngresses,
  type WrittenIngress,
} from './random-ingresses.ts';

t.setTimeout(process.env.SLUICE_FULL === '1' ? 1_200_000 : 120_000);

const numRuns = process.env.SLUICE_FULL === '1' ? 5000 : 120;
const askedPerRun = 40;

const merged = mergeSettings({}, []);
if (!merged.ok) throw new Error('the defaults can be used');
const { proxy: settings } = merged.value;

interface Sides {
  readonly before: Tables;
  readonly after: Tables;
  readonly text: string;
}

type Tables = ReadonlyMap<string, CompiledRouteTable>;

function convertedSides(ingresses: readonly WrittenIngress[], target: Target): Sides {
  const written = [...ingresses, ...ownResources].map((one) => JSON.stringify(one));
  const source = written.join('\n---\n');
  const { resources, findings } = loadResources([{ path: 'ingress.yaml', text: source }]);
  const wrong = findings.filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) throw new Error(wrong[0]?.message);
  const converted = convert(resources, settings, { target, gateway: null, gatewayClass: 'istio' });
  const text = joinDocuments(converted.resources.map(resourceYaml));
  const read = loadResources([{ path: 'converted.yaml', text }]);
  const unread = read.findings.filter(({ severity }) => severity === 'error');
  if (unread.length > 0) throw new Error(`${unread[0]?.message}\n${text}`);
  const leniency = { ...strict, letterCase: leniencyFor(converted.losses).letterCase };
  const whole = withAssumedServices(resources, converted.made);
  const subsets = new SubsetNames();
  const tablesOf = (set: typeof resources) =>
    compiled(comparableMesh(translateMesh(set, settings).mesh, subsets, leniency));
  return { before: tablesOf(whole), after: tablesOf(applyConverted(whole, read.resources)), text };
}

function compiled(mesh: Mesh): Tables {
  return new Map(mesh.routeTables.map((table) => [table.name, compileRouteTable(table)]));
}

/** All that becomes of a request. */
function outcomeOf(tables: Tables, { isTls, host, path, headers }: AskedRequest): unknown {
  const table = tables.get(isTls ? 'https.443' : 'http.80');
  const virtualHost = table?.findVirtualHost(host);
  if (table === undefined || virtualHost == null) return 404;
  const scheme = isTls ? 'https' : 'http';
  const request = routeRequest(path, { scheme, authority: host, headers });
  const route = matchRoute(virtualHost, request);
  if (route === null) return 404;
  const { action, route: model } = route;
  switch (action.kind) {
    case 'redirect':
      return [action.action.status, redirectLocation(action, request, route)];
    case 'direct-response':
      return [action.action, model.responseHeaders];
    case 'forward': {
      const { clusters, hostRewrite, timeoutMs } = action.action;
      const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
      const shares = clusters.map(({ cluster, weight }) => `${cluster} ${weight / total}`).sort();
      return [shares, rewritePath(route, path), hostRewrite, timeoutMs];
    }
  }
}

function alike(lists: fc.Arbitrary<WrittenIngress[]>, target: Target) {
  const asked = fc.array(requests, { minLength: askedPerRun, maxLength: askedPerRun });
  return fc.property(lists, asked, (ingresses, all) => {
    const { before, after, text } = convertedSides(ingresses, target);
    for (const request of all) {
      const [old, now] = [outcomeOf(before, request), outcomeOf(after, request)];
      if (JSON.stringify(old) === JSON.stringify(now)) continue;
      const place = `${request.isTls ? 'https' : 'http'}://${request.host}${request.path}`;
      const headers = JSON.stringify(request.headers);
      throw new Error(
        `${place} ${headers}\nold ${JSON.stringify(old)}\nnew ${JSON.stringify(now)}\n${text}`,
      );
    }
  });
}

const kinds = [
  ['virtualservice', forVirtualServices, ['/$2', '/inner/$2', '/whole']],
  // Of `/inner/` an HTTPRoute of Istio makes `/inner` for the prefix alone.
  ['httproute', forHttpRoutes, ['/$2', '/whole']],
] as const;

for (const [target, lists, rewrites] of kinds) {
  t.test(`Ingresses as ${target}`, async () => {
    fc.assert(alike(lists, target), { numRuns });
  });

  t.test(`Ingresses that take a prefix away as ${target}`, async () => {
    fc.assert(alike(rewritingIngresses(rewrites), target), { numRuns: numRuns / 4 });
  });
}
