/** The annotations of nginx's Ingress controller: which there are, and what becomes of each here. */

export const nginxPrefix = 'nginx.ingress.kubernetes.io/';

/** Of the controller before 0.9; read where the newer name is not there. */
export const oldPrefix = 'ingress.kubernetes.io/';

/** With the meaning that `docs/ingress-annotations.md` tells. */
export const servedAnnotations: readonly string[] = [
  ...['affinity', 'affinity-mode', 'affinity-canary-behavior'],
  ...['session-cookie-name', 'session-cookie-path', 'session-cookie-domain'],
  ...['session-cookie-max-age', 'session-cookie-expires', 'session-cookie-samesite'],
  ...['session-cookie-secure'],
  ...['app-root', 'permanent-redirect', 'permanent-redirect-code'],
  ...['temporal-redirect', 'temporal-redirect-code', 'from-to-www-redirect'],
  ...['ssl-redirect', 'force-ssl-redirect'],
  ...['backend-protocol', 'secure-backends', 'grpc-backend'],
  ...['canary', 'canary-weight', 'canary-weight-total', 'canary-by-cookie'],
  ...['canary-by-header', 'canary-by-header-value', 'canary-by-header-pattern'],
  ...['custom-http-errors', 'default-backend'],
  ...['enable-cors', 'cors-allow-origin', 'cors-allow-methods', 'cors-allow-headers'],
  ...['cors-expose-headers', 'cors-allow-credentials', 'cors-max-age'],
  ...['limit-rps', 'limit-rpm', 'limit-connections', 'limit-burst-multiplier'],
  ...['limit-whitelist', 'limit-allowlist'],
  ...['load-balance', 'upstream-hash-by'],
  ...['mirror-target'],
  ...['proxy-body-size', 'proxy-connect-timeout', 'proxy-read-timeout', 'proxy-send-timeout'],
  ...['proxy-next-upstream', 'proxy-next-upstream-tries'],
  ...['rewrite-target', 'use-regex', 'x-forwarded-prefix', 'upstream-vhost'],
  ...['server-alias'],
  ...['whitelist-source-range', 'allowlist-source-range', 'denylist-source-range'],
];

/** Who is let in: served without it, an Ingress lets everybody in. */
export const unenforcedAnnotations: readonly string[] = [
  ...['auth-type', 'auth-secret', 'auth-secret-type', 'auth-realm', 'satisfy'],
  ...['auth-url', 'auth-method', 'auth-signin', 'auth-signin-redirect-param'],
  ...['auth-response-headers', 'auth-proxy-set-headers', 'auth-request-redirect'],
  ...['auth-cache-key', 'auth-cache-duration', 'auth-keepalive', 'auth-keepalive-share-vars'],
  ...['auth-keepalive-requests', 'auth-keepalive-timeout', 'auth-always-set-cookie'],
  ...['enable-global-auth'],
  ...['auth-tls-secret', 'auth-tls-verify-client', 'auth-tls-verify-depth'],
  ...['auth-tls-error-page', 'auth-tls-pass-certificate-to-upstream', 'auth-tls-match-cn'],
  ...['enable-modsecurity', 'enable-owasp-core-rules', 'modsecurity-transaction-id'],
  ...['global-rate-limit', 'global-rate-limit-window', 'global-rate-limit-key'],
  ...['global-rate-limit-ignored-cidrs'],
];

/** Pieces of nginx.conf: nothing here reads them. */
export const snippetAnnotations: readonly string[] = [
  ...['configuration-snippet', 'server-snippet', 'auth-snippet', 'stream-snippet'],
  'modsecurity-snippet',
];

const body = 'bodies are streamed, never kept in files';
const always = 'it cannot be chosen for one Ingress';

/** Known, and without effect here: why. */
export const idleAnnotations: Readonly<Record<string, string>> = {
  'proxy-buffering': body,
  'proxy-buffer-size': body,
  'proxy-buffers-number': body,
  'proxy-busy-buffers-size': body,
  'proxy-max-temp-file-size': body,
  'proxy-request-buffering': body,
  'client-body-buffer-size': body,
  'proxy-http-version': 'endpoints are spoken to in HTTP/1.1 or HTTP/2',
  'proxy-next-upstream-timeout': 'tries are bounded by proxy-next-upstream-tries',
  'proxy-cookie-domain': 'cookies of the Service are passed on as they are',
  'proxy-cookie-path': 'cookies of the Service are passed on as they are',
  'proxy-redirect-from': 'redirects of the Service are passed on as they are',
  'proxy-redirect-to': 'redirects of the Service are passed on as they are',
  'proxy-ssl-secret': 'no certificate is shown to endpoints',
  'proxy-ssl-verify': 'certificates of endpoints are not checked',
  'proxy-ssl-verify-depth': 'certificates of endpoints are not checked',
  'proxy-ssl-ciphers': always,
  'proxy-ssl-protocols': always,
  'proxy-ssl-name': 'the server name sent is the Host of the request',
  'proxy-ssl-server-name': 'the server name sent is the Host of the request',
  'ssl-ciphers': always,
  'ssl-prefer-server-ciphers': always,
  'ssl-passthrough': 'TLS is ended here; a TLSRoute passes it on unread',
  'preserve-trailing-slash': 'a redirect to https keeps the path as it is',
  'relative-redirects': 'redirects name scheme and host',
  'use-port-in-redirects': 'a redirect to https names no port',
  'connection-proxy-header': 'connections to endpoints are kept alive',
  'enable-access-log': always,
  'enable-rewrite-log': always,
  'enable-opentracing': always,
  'enable-opentelemetry': always,
  'opentracing-trust-incoming-span': always,
  'opentelemetry-trust-incoming-span': always,
  'opentelemetry-operation-name': always,
  'enable-influxdb': always,
  'influxdb-measurement': always,
  'influxdb-port': always,
  'influxdb-host': always,
  'influxdb-server-name': always,
  'http2-push-preload': 'browsers no longer take pushed answers',
  'service-upstream': 'endpoints are chosen here, one by one',
  'upstream-hash-by-subset': 'a key has one endpoint',
  'upstream-hash-by-subset-size': 'a key has one endpoint',
  'session-cookie-change-on-failure': 'a client whose endpoint fails gets another for that request',
  'session-cookie-conditional-samesite-none': 'the cookie is the same for every browser',
  'session-cookie-hash': 'cookies are always hashed alike',
  'canary-by-cookie-value': 'the cookie is `always` or `never`',
  'mirror-request-body': 'copies have the body of the request',
  'mirror-host': 'copies have the host of their target',
  'limit-rate': 'answers are not slowed down',
  'limit-rate-after': 'answers are not slowed down',
  'disable-proxy-intercept-errors': 'without custom-http-errors answers are passed on',
  'custom-headers': 'write the headers into a VirtualService',
  'add-base-url': 'answers are not changed',
  'base-url-scheme': 'answers are not changed',
  'default-backend-port': 'the first port of the Service counts',
};

/** Values that ask for what is done anyway: nothing is said of them. */
export const harmlessValues: Readonly<Record<string, string>> = {
  'proxy-buffering': 'off',
  'proxy-request-buffering': 'off',
  'proxy-http-version': '1.1',
  'proxy-cookie-domain': 'off',
  'proxy-cookie-path': 'off',
  'proxy-redirect-from': 'off',
  'proxy-ssl-verify': 'off',
  'ssl-passthrough': 'false',
  'preserve-trailing-slash': 'true',
  'relative-redirects': 'false',
  'use-port-in-redirects': 'false',
  'enable-access-log': 'true',
  'enable-rewrite-log': 'false',
  'enable-opentracing': 'false',
  'enable-opentelemetry': 'false',
  'enable-influxdb': 'false',
  'http2-push-preload': 'false',
  'service-upstream': 'false',
  'upstream-hash-by-subset': 'false',
  'session-cookie-change-on-failure': 'false',
  'session-cookie-conditional-samesite-none': 'false',
  'mirror-request-body': 'on',
  'limit-rate': '0',
  'limit-rate-after': '0',
  'disable-proxy-intercept-errors': 'false',
  'enable-global-auth': 'false',
  'auth-tls-verify-client': 'off',
  'enable-modsecurity': 'false',
  'enable-owasp-core-rules': 'false',
};

/** With the old prefix other controllers had names of their own, too. */
export function hasNginxAnnotation(annotations: Readonly<Record<string, string>>): boolean {
  return Object.keys(annotations).some(
    (key) =>
      key.startsWith(nginxPrefix) ||
      (key.startsWith(oldPrefix) && servedAnnotations.includes(key.slice(oldPrefix.length))),
  );
}
