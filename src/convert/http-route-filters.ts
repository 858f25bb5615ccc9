/** What a rule does to requests and responses, as filters of HTTPRoute. */

import { parseDuration } from '../base/duration.ts';
import type { Path } from '../config/problem.ts';
import type { CorsPolicy } from '../config/schema/cors-policy.ts';
import type { HttpRouteFilter } from '../config/schema/gateway-api/filters.ts';
import type {
  HeaderOperations,
  HttpMirrorPolicy,
  HttpRedirect,
  HttpRewrite,
  HttpRoute,
} from '../config/schema/virtual-service.ts';
import type { LossText } from './conversion-losses.ts';
import type { BackendReference } from './http-route-backends.ts';
import { isConstant, newPrefix, type PrefixPattern } from './path-shape.ts';

export interface FilterContext {
  /** The one shape of all paths of the rule; null where they have none. */
  readonly prefixPattern: PrefixPattern | null;
  /** All paths of the rule are prefixes. */
  readonly isPrefix: boolean;
  backendOf(destination: HttpMirrorPolicy['destination']): BackendReference;
  /** `path` counts from the rule. */
  lose(path: Path, text: LossText): void;
}

export function httpRouteFilters(rule: HttpRoute, context: FilterContext): HttpRouteFilter[] {
  const { headers, redirect, rewrite, corsPolicy } = rule;
  return [
    ...headerFilter('RequestHeaderModifier', headers?.request),
    ...headerFilter('ResponseHeaderModifier', headers?.response),
    ...(redirect === undefined ? [] : [redirectFilter(redirect)]),
    ...(rewrite === undefined ? [] : rewriteFilter(rewrite, context)),
    ...mirrorFilters(rule, context),
    ...(corsPolicy === undefined ? [] : corsFilter(corsPolicy, context)),
  ];
}

function headerFilter(
  type: 'RequestHeaderModifier' | 'ResponseHeaderModifier',
  operations: HeaderOperations | undefined,
): HttpRouteFilter[] {
  const { set, add, remove } = operations ?? {};
  const changes = {
    ...(set === undefined ? {} : { set: namesAndValues(set) }),
    ...(add === undefined ? {} : { add: namesAndValues(add) }),
    ...(remove === undefined ? {} : { remove }),
  };
  if (Object.keys(changes).length === 0) return [];
  return type === 'RequestHeaderModifier'
    ? [{ type, requestHeaderModifier: changes }]
    : [{ type, responseHeaderModifier: changes }];
}

function namesAndValues(headers: Readonly<Record<string, string>>) {
  return Object.entries(headers).map(([name, value]) => ({ name, value }));
}

function redirectFilter(redirect: HttpRedirect): HttpRouteFilter {
  const { scheme, authority, port, uri, prefixRewrite, redirectCode = 301 } = redirect;
  const isScheme = scheme === 'http' || scheme === 'https';
  const path = pathOf(uri, prefixRewrite);
  return {
    type: 'RequestRedirect',
    requestRedirect: {
      ...(isScheme ? { scheme } : {}),
      ...(authority === undefined ? {} : { hostname: authority }),
      ...(path === null ? {} : { path }),
      ...(port === undefined ? {} : { port }),
      statusCode: redirectCode,
    },
  };
}

function pathOf(full: string | undefined, prefix: string | undefined) {
  if (full !== undefined) return { type: 'ReplaceFullPath', replaceFullPath: full } as const;
  if (prefix === undefined) return null;
  return { type: 'ReplacePrefixMatch', replacePrefixMatch: prefix } as const;
}

function rewriteFilter(rewrite: HttpRewrite, context: FilterContext): HttpRouteFilter[] {
  const { authority, uri, uriRegexRewrite } = rewrite;
  const path =
    uriRegexRewrite === undefined
      ? pathOf(context.isPrefix ? undefined : uri, uri)
      : patternPath(uriRegexRewrite, context);
  if (uriRegexRewrite !== undefined && path === null) {
    context.lose(['rewrite'], {
      what: `the rewrite of paths to ${asWritten(uriRegexRewrite.rewrite ?? '')} by a pattern`,
      hint: 'HTTPRoute replaces a prefix or the whole path',
      fields: ['path sent upstream'],
    });
  }
  const urlRewrite = {
    ...(authority === undefined ? {} : { hostname: authority }),
    ...(path === null ? {} : { path }),
  };
  return Object.keys(urlRewrite).length === 0 ? [] : [{ type: 'URLRewrite', urlRewrite }];
}

/** Groups as an Ingress has them: `/$2` for `/\2`. */
function asWritten(rewrite: string): string {
  return rewrite.replaceAll(/\\(\d)/g, '$$$1');
}

function patternPath(
  { rewrite = '' }: NonNullable<HttpRewrite['uriRegexRewrite']>,
  { prefixPattern }: FilterContext,
) {
  if (isConstant(rewrite)) return pathOf(rewrite, undefined);
  const prefix = prefixPattern === null ? null : newPrefix(prefixPattern, rewrite);
  return prefix === null ? null : pathOf(undefined, prefix);
}

function mirrorFilters(rule: HttpRoute, context: FilterContext): HttpRouteFilter[] {
  const { mirror, mirrorPercentage, mirrors = [] } = rule;
  const all: readonly HttpMirrorPolicy[] =
    mirror === undefined
      ? mirrors
      : [{ destination: mirror, ...(mirrorPercentage && { percentage: mirrorPercentage }) }];
  return all.map(({ destination, percentage }) => ({
    type: 'RequestMirror',
    requestMirror: {
      backendRef: context.backendOf(destination),
      ...shareOf(percentage?.value ?? 100),
    },
  }));
}

/** A whole percentage, or a fraction of ten thousand as the proxy counts. */
function shareOf(percent: number) {
  if (percent === 100) return {};
  if (Number.isInteger(percent)) return { percent };
  return { fraction: { numerator: Math.round(percent * 10_000), denominator: 1_000_000 } };
}

function corsFilter(policy: CorsPolicy, context: FilterContext): HttpRouteFilter[] {
  const { allowOrigins = [], allowOrigin = [], allowCredentials } = policy;
  const origins = [
    ...allowOrigin,
    ...allowOrigins.flatMap(({ exact, regex }) => exact ?? wildcardOf(regex) ?? []),
  ];
  if (origins.length < allowOrigin.length + allowOrigins.length) {
    context.lose(['corsPolicy'], {
      what: 'origins that are given by a pattern',
      hint: 'HTTPRoute takes whole origins, and https://*.example.com',
      fields: ['cors'],
    });
  }
  const maxAge = policy.maxAge === undefined ? null : parseDuration(policy.maxAge);
  const { allowMethods, allowHeaders, exposeHeaders } = policy;
  const cors = {
    allowOrigins: origins,
    ...(allowCredentials === undefined ? {} : { allowCredentials }),
    ...(allowMethods === undefined ? {} : { allowMethods }),
    ...(allowHeaders === undefined ? {} : { allowHeaders }),
    ...(exposeHeaders === undefined ? {} : { exposeHeaders }),
    ...(maxAge === null ? {} : { maxAge: Math.round(maxAge / 1000) }),
  };
  return [{ type: 'CORS', cors }];
}

/** `https://.*\.shop\.example` is `https://*.shop.example`. */
function wildcardOf(pattern: string | undefined): string | undefined {
  if (pattern === '.*') return '*';
  const found = /^\^?(https?:\/\/)(?:\.[*+]|\[\^.\][*+])((?:\\\.[\w-]+)+(?::\d+)?)\$?$/.exec(
    pattern ?? '',
  );
  return found === null ? undefined : `${found[1]}*${found[2]?.replaceAll('\\', '')}`;
}
