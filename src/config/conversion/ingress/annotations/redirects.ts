/** app-root, permanent-redirect, temporal-redirect and the redirects to https and to www. */

import type { HttpRedirect, HttpRoute } from '../../../schema/virtual-service.ts';
import type { AnnotationReader } from './annotation-reader.ts';
import { headerValueOf } from './nginx-variables.ts';

export interface Redirects {
  /** `with-tls`: where the host has a certificate. */
  readonly toHttps: 'never' | 'with-tls' | 'always';
  /** Where `/` of the host is sent. */
  readonly appRoot: HttpRoute | null;
  /** What every request of a rule is answered with. */
  readonly everything: HttpRoute | null;
  readonly fromToWww: boolean;
}

/** The controller's http-redirect-code, for https and www. */
export const keepMethodCode = 308;

/**
 * The controller's no-tls-redirect-locations: whoever gives out certificates asks without one. It
 * is compared with the path of the rule.
 */
export const challengePath = '/.well-known/acme-challenge';

export function readRedirects(reader: AnnotationReader): Redirects {
  return {
    toHttps: readHttps(reader),
    appRoot: readAppRoot(reader),
    everything: readEverything(reader),
    fromToWww: reader.flag('from-to-www-redirect', false),
  };
}

/** nginx redirects every host that has a certificate, unless told not to. */
function readHttps(reader: AnnotationReader): Redirects['toHttps'] {
  if (reader.flag('force-ssl-redirect', false)) return 'always';
  return reader.flag('ssl-redirect', true) ? 'with-tls' : 'never';
}

function readAppRoot(reader: AnnotationReader): HttpRoute | null {
  const uri = reader.spaceless('app-root');
  if (uri === null) return null;
  if (!/^\/\S*$/.test(uri) || uri === '/') {
    reader.refuse('app-root', 'it is a path below "/", such as /home');
    return null;
  }
  return { match: [{ uri: { exact: '/' } }], redirect: { uri, redirectCode: 302 } };
}

/** A temporal redirect wins. */
function readEverything(reader: AnnotationReader): HttpRoute | null {
  const temporal = readRedirect(reader, 'temporal-redirect', 302);
  return temporal ?? readRedirect(reader, 'permanent-redirect', 301);
}

const redirectCodes = { min: 300, max: 308 };

function readRedirect(
  reader: AnnotationReader,
  name: 'temporal-redirect' | 'permanent-redirect',
  usualCode: number,
): HttpRoute | null {
  const url = reader.spaceless(name);
  const code = reader.integer(`${name}-code`, redirectCodes) ?? usualCode;
  if (url === null) return null;
  if (!/^https?:\/\/[^\s/]+\S*$/i.test(url)) {
    reader.refuse(name, 'it is a URL, such as https://example.com/new');
    return null;
  }
  const redirect = sameTarget(url, code);
  if (redirect !== null) return { redirect };
  const location = headerValueOf(url);
  if ('unknown' in location) {
    reader.refuse(name, `"$${location.unknown}" is not known; $request_uri, $host and $scheme are`);
    return null;
  }
  return {
    directResponse: { status: code },
    headers: { response: { set: { location: location.value } } },
  };
}

/** Another host with the path and query of the request: a redirect as VirtualServices have it. */
function sameTarget(url: string, redirectCode: number): HttpRedirect | null {
  const [, scheme, authority] = /^(https?):\/\/([^/$]+)\$request_uri$/i.exec(url) ?? [];
  if (scheme === undefined || authority === undefined) return null;
  if (![301, 302, 303, 307, 308].includes(redirectCode)) return null;
  return { scheme: scheme.toLowerCase(), authority, redirectCode };
}
