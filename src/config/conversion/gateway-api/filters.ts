/** Filters of rules in the words of VirtualService. */

import type { CorsPolicy } from '../../schema/cors-policy.ts';
import type {
  CorsFilter,
  MirrorFilter,
  RedirectFilter,
  RewriteFilter,
} from '../../schema/gateway-api/filters.ts';
import type { Percent, StringMatch } from '../../schema/shared.ts';
import type { HttpRedirect, HttpRewrite } from '../../schema/virtual-service.ts';

/** Of a filter that says nothing else. */
const defaultRedirectStatus = 302;
const defaultMaxAgeSeconds = 5;

export function redirectOf(filter: RedirectFilter): HttpRedirect {
  const { scheme, hostname, port, statusCode = defaultRedirectStatus, path } = filter;
  return {
    redirectCode: statusCode,
    ...(hostname === undefined ? {} : { authority: hostname }),
    ...(scheme === undefined ? {} : { scheme }),
    ...redirectPort(port, scheme),
    ...(path?.type === 'ReplaceFullPath' ? { uri: path.replaceFullPath ?? '' } : {}),
    ...(path?.type === 'ReplacePrefixMatch'
      ? { prefixRewrite: path.replacePrefixMatch ?? '' }
      : {}),
  };
}

/** Where no port is given, that of a given scheme; else that of the listener. */
function redirectPort(
  port: number | undefined,
  scheme: string | undefined,
): Pick<HttpRedirect, 'port' | 'derivePort'> {
  if (port !== undefined) return { port };
  return { derivePort: scheme === undefined ? 'FROM_REQUEST_PORT' : 'FROM_PROTOCOL_DEFAULT' };
}

/** null where it changes nothing. */
export function rewriteOf({ hostname, path }: RewriteFilter): HttpRewrite | null {
  const rewrite: HttpRewrite = hostname === undefined ? {} : { authority: hostname };
  if (path?.type === 'ReplacePrefixMatch') {
    // What follows the prefix brings its slash; a prefix of nothing leaves one.
    const prefix = (path.replacePrefixMatch ?? '').replace(/\/$/, '');
    rewrite.uri = prefix === '' ? '/' : prefix;
  } else if (path?.type === 'ReplaceFullPath') {
    const full = path.replaceFullPath ?? '';
    rewrite.uriRegexRewrite = { match: '/.*', rewrite: full.replaceAll('\\', '\\\\') };
  }
  return Object.keys(rewrite).length === 0 ? null : rewrite;
}

/** Absent: all requests. */
export function mirrorShare({ percent, fraction }: MirrorFilter): Percent | undefined {
  if (fraction !== undefined) {
    return { value: (100 * fraction.numerator) / (fraction.denominator ?? 100) };
  }
  return percent === undefined ? undefined : { value: percent };
}

export function corsOf(filter: CorsFilter): CorsPolicy {
  const { allowOrigins = [], allowMethods, allowHeaders, exposeHeaders } = filter;
  return {
    allowOrigins: allowOrigins.map(originMatch),
    ...(allowMethods === undefined ? {} : { allowMethods }),
    ...(allowHeaders === undefined ? {} : { allowHeaders }),
    ...(exposeHeaders === undefined ? {} : { exposeHeaders }),
    maxAge: `${filter.maxAge ?? defaultMaxAgeSeconds}s`,
    allowCredentials: filter.allowCredentials ?? false,
    // The Gateway API lets no preflight pass that the policy does not allow.
    unmatchedPreflights: 'IGNORE',
  };
}

/** A star stands for anything to its left, dots included. */
function originMatch(origin: string): StringMatch {
  if (origin === '*' || !origin.includes('*')) return { exact: origin };
  const literal = origin.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return { regex: literal.join('.*') };
}
