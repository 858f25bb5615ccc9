/** What becomes of the requests of one rule of an Ingress with annotations. */

import type { Destination } from '../../../schema/destination.ts';
import type { TrafficPolicy } from '../../../schema/destination-rule.ts';
import type { RouteExtension } from '../../../schema/route-extension.ts';
import type { HttpMatchRequest, HttpRoute } from '../../../schema/virtual-service.ts';
import type { IngressContext, IngressRule } from '../ingress-rule.ts';
import { pathMatch } from '../path-match.ts';
import { cookieText } from './annotation-reader.ts';
import type { Canary } from './canary.ts';
import { type Split, splitByCanary } from './canary-routes.ts';
import { errorResponsesOf } from './error-responses.ts';
import type { IngressOptions } from './ingress-options.ts';
import type { Mirrors } from './mirrors.ts';
import { challengePath, keepMethodCode } from './redirects.ts';
import { unsafeMethods } from './retries.ts';
import type { PathRule } from './rewrite.ts';
import type { Subsets } from './subsets.ts';

export interface RuleContext extends IngressContext {
  readonly subsets: Subsets;
  readonly mirrors: Mirrors;
}

export interface RuleParts {
  readonly rule: IngressRule;
  readonly options: IngressOptions;
  /** null: paths of the host are as the Ingress says. */
  readonly regex: PathRule | null;
  readonly canary: CanaryPart | null;
}

export interface CanaryPart {
  readonly canary: Canary;
  readonly destination: Destination;
}

/** In their order. */
export function annotatedRoutes(parts: RuleParts, context: RuleContext): HttpRoute[] {
  const { rule, options } = parts;
  const matches = matchesOf(parts);
  const { redirects } = options;
  const extension = pathExtension(parts);
  if (redirects.everything !== null) {
    return [{ ...conditions(matches, {}), ...redirects.everything, extension }];
  }
  const secure = redirectsToHttps(parts, context)
    ? [
        {
          ...conditions(matches, { port: 80 }),
          redirect: { scheme: 'https', redirectCode: keepMethodCode },
          extension,
        },
      ]
    : [];
  if (!rule.backend.ok) return secure;
  const fields = forwardFields(parts, context);
  const forwards = splitsOf(parts, rule.backend.value, context).flatMap((split) =>
    withRetries(forwardOf(split, matches, fields), options),
  );
  return [...secure, ...forwards];
}

/** What a pattern of nginx begins with is compared letter by letter. */
function pathExtension({ regex }: RuleParts): RouteExtension {
  return { semantics: 'ingress', ...(regex === null ? {} : { plainPrefixes: true }) };
}

type Matches = readonly HttpMatchRequest[];

/** None: every request of the host. */
function matchesOf({ rule, regex }: RuleParts): Matches {
  if (rule.written === null) return [];
  if (regex !== null) return regex.matches;
  const uri = pathMatch(rule.written, rule.dialect);
  return uri === null ? [] : [{ uri }];
}

function conditions(matches: Matches, further: HttpMatchRequest): Pick<HttpRoute, 'match'> {
  if (matches.length > 0) return { match: matches.map((match) => ({ ...match, ...further })) };
  return Object.keys(further).length === 0 ? {} : { match: [further] };
}

function redirectsToHttps({ rule, options }: RuleParts, context: IngressContext): boolean {
  if (rule.written?.path?.startsWith(challengePath) === true) return false;
  const { toHttps } = options.redirects;
  return toHttps === 'always' || (toHttps === 'with-tls' && context.isTlsHost(rule.host));
}

function splitsOf(
  { rule, options, canary }: RuleParts,
  backend: Destination,
  { subsets }: RuleContext,
): Split[] {
  const policy = policyOf(rule, options);
  const main = subsets.use(backend, policy, options.reader);
  if (canary === null) {
    return [{ headers: undefined, route: [{ destination: main, weight: 100 }] }];
  }
  const other = subsets.use(canary.destination, policy, options.reader);
  return splitByCanary(main, other, canary.canary);
}

/** The cookie of a client that stays is for the path of the rule where the Ingress names none. */
function policyOf({ written }: IngressRule, options: IngressOptions): TrafficPolicy {
  const { affinity, trafficPolicy } = options.upstream;
  const cookie = affinity?.hash.httpCookie;
  if (cookie === undefined || cookie.path !== undefined) return trafficPolicy;
  const isPlain = !options.usesRegex && options.rewriteTarget === null;
  const path = isPlain ? (written?.path ?? '/') : '/';
  const { name, ...rest } = cookie;
  return {
    ...trafficPolicy,
    loadBalancer: {
      consistentHash: { httpCookie: { name, path: cookieText.test(path) ? path : '/', ...rest } },
    },
  };
}

type ForwardFields = Omit<HttpRoute, 'match' | 'route' | 'extension'> & {
  readonly extension: RouteExtension;
};

function forwardFields(parts: RuleParts, context: RuleContext): ForwardFields {
  const { rule, options, regex } = parts;
  const { headers, cors, mirror, upstream, extension, reader } = options;
  const authority = headers.host === null ? {} : { authority: headers.host };
  const rewrite = { ...regex?.rewrite, ...authority };
  const isRewritten = options.rewriteTarget !== null && regex?.rewrite != null;
  const prefix = isRewritten ? headers.forwardedPrefix : null;
  const errorResponses = errorResponsesOf(rule, options, context);
  return {
    ...(Object.keys(rewrite).length === 0 ? {} : { rewrite }),
    ...(prefix === null ? {} : { headers: { request: { set: { 'x-forwarded-prefix': prefix } } } }),
    ...(cors === null ? {} : { corsPolicy: cors }),
    ...(mirror === null
      ? {}
      : { mirrors: [{ destination: context.mirrors.destinationOf(mirror, reader) }] }),
    extension: {
      ...pathExtension(parts),
      ...extension,
      ...(errorResponses === null ? {} : { errorResponses }),
      ...(upstream.hashPolicies === null ? {} : { hashPolicies: upstream.hashPolicies }),
      ...(upstream.affinity?.coversCanaries === true ? { stickyWeights: true } : {}),
    },
  };
}

function forwardOf(
  { headers, route }: Split,
  matches: Matches,
  { extension, ...fields }: ForwardFields,
): HttpRoute {
  const { stickyWeights: _, ...alone } = extension;
  return {
    ...conditions(matches, headers === undefined ? {} : { headers }),
    route,
    ...fields,
    extension: route.length > 1 ? extension : alone,
  };
}

/** A request that may have been received is not sent again where that could do harm. */
function withRetries(forward: HttpRoute, { retries }: IngressOptions): HttpRoute[] {
  if (retries === null) return [forward];
  const usual = { ...forward, retries: retries.policy };
  if (retries.unsafePolicy === null) return [usual];
  const unsafe = {
    ...forward,
    ...conditions(forward.match ?? [], { method: { regex: unsafeMethods } }),
    retries: retries.unsafePolicy,
  };
  return [unsafe, usual];
}
