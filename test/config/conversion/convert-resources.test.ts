import t from 'tap';
import { convertResources } from '../../../src/config/conversion/convert-resources.ts';
import { TranslationFindings } from '../../../src/config/translate/translation-findings.ts';
import { pem } from '../../support/tls-fixtures.ts';
import { load, resource } from '../translate/translate-yaml.ts';
import { atHome, gatewayApi, kubernetesService } from './gateway-api/connection-yaml.ts';
import { ingress, path, rule } from './ingress/ingress-yaml.ts';

const own = resource(
  'VirtualService',
  'own',
  '{hosts: [own.test], http: [{directResponse: {status: 200}}]}',
);
const edge = gatewayApi(
  'Gateway',
  'edge',
  '{gatewayClassName: istio, listeners: [{name: http, port: 8080, protocol: HTTP}]}',
);
const route = gatewayApi(
  'HTTPRoute',
  'r',
  '{parentRefs: [{name: edge}], hostnames: [route.test], rules: [{backendRefs: [{name: a, port: 443}]}]}',
);
const policy = gatewayApi(
  'BackendTLSPolicy',
  'p',
  '{targetRefs: [{group: "", kind: Service, name: a}], ' +
    'validation: {hostname: a.test, caCertificateRefs: [{group: "", kind: ConfigMap, name: ours}]}}',
);
const authorities = `---
apiVersion: v1
kind: ConfigMap
metadata: {name: ours}
data: {ca.crt: ${JSON.stringify(pem('authority'))}}
`;

const written = load(
  kubernetesService('a', '443 tls') +
    authorities +
    ingress(`{rules: [${rule('ingress.test', path('/', 'a').replace('80', '443'))}]}`) +
    edge +
    route +
    policy +
    own,
);
const { resources, statuses, backendTls } = convertResources(
  written,
  atHome,
  new TranslationFindings(),
);

t.test('own VirtualServices go first, then those of Ingresses, then of routes', async (t) => {
  t.strictSame(
    resources.virtualServices.map(({ spec, madeFrom }) => [
      spec.hosts?.[0],
      madeFrom?.resource.kind,
    ]),
    [
      ['own.test', undefined],
      ['ingress.test', 'Ingress'],
      ['route.test', 'HTTPRoute'],
    ],
  );
});

t.test('Gateways are made for Ingresses and for listeners', async (t) => {
  t.strictSame(
    resources.gateways.flatMap(({ spec }) => spec.servers?.map(({ port }) => port?.number)),
    [80, 8080],
  );
});

t.test('what is written stays, and has the status of the Gateway API', async (t) => {
  t.equal(resources.ingresses, written.ingresses);
  t.equal(resources.httpRoutes, written.httpRoutes);
  t.strictSame(
    statuses.map(({ kind, name }) => `${kind} ${name}`),
    ['Gateway edge', 'HTTPRoute r', 'BackendTLSPolicy p'],
  );
});

t.test('TLS of a policy is for the host, and for whoever names it', async (t) => {
  t.strictSame([...backendTls.keys()], ['a.default.svc.cluster.local']);
});
