/** What the API server would refuse of a Gateway or a GatewayClass, and options without effect. */

import t from 'tap';
import { loadResources } from '../../support/load-resources.ts';

function check(kind: string, spec: string, localTls = false) {
  const apiVersion = 'gateway.networking.k8s.io/v1';
  const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: web}\nspec: ${spec}\n`;
  return loadResources([{ path: 'a.yaml', text }], localTls).findings;
}

function withListeners(...listeners: readonly string[]): string {
  return `{gatewayClassName: istio, listeners: [${listeners.map((one) => `{${one}}`).join(', ')}]}`;
}

const http = 'name: http, port: 80, protocol: HTTP';
const https = 'name: https, port: 443, protocol: HTTPS';
const certificate = 'certificateRefs: [{name: web}]';

t.test('what cannot be is told with its place', async (t) => {
  const cases = [
    { spec: '{gatewayClassName: istio}', path: 'spec', message: /no listeners/ },
    { spec: withListeners(http, http), path: 'spec.listeners[1].name', message: /two listeners/ },
    {
      spec: withListeners('name: Big, port: 80, protocol: HTTP'),
      path: 'spec.listeners[0].name',
      message: /cannot be the name/,
    },
    {
      spec: withListeners(`${http}, hostname: "*"`),
      path: 'spec.listeners[0].hostname',
      message: /not a host name/,
    },
    {
      spec: withListeners(`${http}, hostname: 10.0.0.1`),
      path: 'spec.listeners[0].hostname',
      message: /not a host name/,
    },
    {
      spec: withListeners('name: tcp, port: 80, protocol: TCP, hostname: a.test'),
      path: 'spec.listeners[0].hostname',
      message: /TCP cannot have a hostname/,
    },
    {
      spec: withListeners(`${http}, tls: {${certificate}}`),
      path: 'spec.listeners[0].tls',
      message: /HTTP cannot have tls/,
    },
    {
      spec: withListeners(`${https}, tls: {mode: Passthrough}`),
      path: 'spec.listeners[0].tls.mode',
      message: /must end there/,
    },
    {
      spec: withListeners(`${https}, tls: {mode: Terminate}`),
      path: 'spec.listeners[0].tls',
      message: /needs a certificate/,
    },
    {
      spec: withListeners(http).replace(
        /\}$/,
        ', tls: {frontend: {perPort: [{port: 1, tls: {}}, {port: 1, tls: {}}]}}}',
      ),
      path: 'spec.tls.frontend.perPort[1].port',
      message: /two settings for port 1/,
    },
  ];
  for (const { spec, path, message } of cases) {
    t.match(check('Gateway', spec), [{ code: 'SLC0032', severity: 'error', path, message }], spec);
  }
});

t.test('what may be', async (t) => {
  const specs = [
    withListeners(http, `${https}, hostname: "*.example.com", tls: {${certificate}}`),
    withListeners('name: pass, port: 443, protocol: TLS, tls: {mode: Passthrough}'),
    withListeners('name: own, port: 443, protocol: example.com/own'),
    withListeners(`${https}, tls: {options: {gateway.istio.io/tls-terminate-mode: ISTIO_MUTUAL}}`),
  ];
  for (const spec of specs) t.strictSame(check('Gateway', spec), [], spec);
  t.strictSame(check('Gateway', withListeners(`${https}, tls: {}`), true), [], 'local TLS');
  t.strictSame(check('GatewayClass', '{controllerName: istio.io/gateway-controller}'), []);
});

t.test('what has no effect', async (t) => {
  const selector = 'selector: {matchLabels: {a: b}}';
  const cases = [
    { more: `allowedRoutes: {namespaces: {${selector}}}`, code: 'IST0133' },
    { more: 'allowedRoutes: {namespaces: {from: Selector}}', code: 'IST0133' },
  ];
  for (const { more, code } of cases) {
    t.match(check('Gateway', withListeners(`${http}, ${more}`)), [{ code, severity: 'warning' }]);
  }
  const options = 'options: {gateway.istio.io/tls-terminate-mod: MUTUAL}';
  t.match(check('Gateway', withListeners(`${https}, tls: {${certificate}, ${options}}`)), [
    { code: 'SLC0035', hint: 'did you mean "gateway.istio.io/tls-terminate-mode"?' },
  ]);
});

t.test('a controller has a domain and a path', async (t) => {
  t.match(check('GatewayClass', '{controllerName: istio}'), [
    { code: 'SLC0032', path: 'spec.controllerName', message: /not the name of a controller/ },
  ]);
});
