/** The paths and default backends of Ingresses as rules, without regard to annotations. */

import type { Path } from '../../problem.ts';
import type { IngressBackend } from '../../schema/ingress.ts';
import type { StringMatch } from '../../schema/shared.ts';
import type { HttpRoute } from '../../schema/virtual-service.ts';
import { backendNamePath, backendPortPath, resolveBackend } from './backends.ts';
import type { ServedIngress } from './ingress-classes.ts';
import type { Dialect, Ingress, IngressContext, IngressRule } from './ingress-rule.ts';
import { lastOfAll, pathMatch, precedenceOf } from './path-match.ts';

/** In the order of the Ingresses and of what is in them. */
export function readRules(
  ingresses: readonly ServedIngress[],
  context: IngressContext,
): IngressRule[] {
  return ingresses.flatMap((served) => [
    ...readPaths(served, context),
    ...readDefaultBackend(served, context),
  ]);
}

export const anyHost = '*';

function* readPaths(
  { ingress, dialect }: ServedIngress,
  context: IngressContext,
): Generator<IngressRule> {
  for (const [index, { host = '', http }] of (ingress.spec.rules ?? []).entries()) {
    for (const [pathIndex, written] of (http?.paths ?? []).entries()) {
      const path = ['spec', 'rules', index, 'http', 'paths', pathIndex];
      const match = pathMatch(written, dialect);
      const place = { ingress, dialect, path, backendPath: [...path, 'backend'] };
      yield {
        ...makeRule(written.backend, { ...place, match }, context),
        host: host === '' ? anyHost : host,
        written,
        precedence: precedenceOf(match),
      };
    }
  }
}

/**
 * For every host of the Ingress, and for those that nobody has. Istio ignores default backends; the
 * Ingress of Kubernetes has them.
 */
function* readDefaultBackend(
  { ingress, dialect }: ServedIngress,
  context: IngressContext,
): Generator<IngressRule> {
  const { defaultBackend, backend = defaultBackend, rules = [] } = ingress.spec;
  if (backend === undefined) return;
  const path = ['spec', defaultBackend === undefined ? 'backend' : 'defaultBackend'];
  const rule = {
    ...makeRule(backend, { ingress, dialect, path, backendPath: path, match: null }, context),
    written: null,
    precedence: lastOfAll,
  };
  const hosts = rules.map(({ host = '' }) => (host === '' ? anyHost : host));
  for (const host of new Set([...hosts, anyHost])) yield { ...rule, host };
}

interface RulePlace {
  readonly ingress: Ingress;
  readonly dialect: Dialect;
  readonly path: Path;
  readonly backendPath: Path;
  readonly match: StringMatch | null;
}

type ForAnyHost = Omit<IngressRule, 'host' | 'written' | 'precedence'>;

function makeRule(
  backend: IngressBackend,
  { ingress, dialect, path, backendPath, match }: RulePlace,
  context: IngressContext,
): ForAnyHost {
  const resolved = resolveBackend(backend, { ingress, path: backendPath }, context);
  const conditions = match === null ? {} : { match: [{ uri: match }] };
  const routes: HttpRoute[] = resolved.ok
    ? [
        {
          ...conditions,
          route: [{ destination: resolved.value, weight: 100 }],
          extension: { semantics: 'ingress' },
        },
      ]
    : [];
  const placeOf = (part: Path) => ({
    resource: ingress,
    path: fieldOf(part, { backend, path, backendPath }),
  });
  return { ingress, dialect, path, backend: resolved, routes, placeOf };
}

interface FieldPlace extends Pick<RulePlace, 'path' | 'backendPath'> {
  readonly backend: IngressBackend;
}

/** From a path of the HttpRoute to that of the Ingress. */
function fieldOf(part: Path, { backend, path, backendPath }: FieldPlace): Path {
  if (part[0] === 'match') return [...path, 'path'];
  if (part[0] !== 'route') return path;
  if (part.includes('port')) return [...backendPath, ...backendPortPath(backend)];
  return [...backendPath, ...backendNamePath(backend)];
}
