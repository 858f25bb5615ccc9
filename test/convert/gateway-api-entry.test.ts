import t from 'tap';
import { mergeSettings } from '../../src/config/settings/merge-settings.ts';
import { convert } from '../../src/convert/convert.ts';
import type { ConvertedResource } from '../../src/convert/converted-resource.ts';
import { loadResources } from '../support/load-resources.ts';

const merged = mergeSettings({}, []);
if (!merged.ok) throw new Error('the defaults can be used');
const { proxy: settings } = merged.value;

const backend = { service: { name: 'web', port: { number: 80 } } };

/** What an Ingress with TLS for all of these hosts becomes. */
function converted(hosts: readonly string[]): ConvertedResource[] {
  const ingress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop' },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts, secretName: 'cert' }],
      rules: hosts.map((host) => ({
        host,
        http: { paths: [{ path: '/', pathType: 'Prefix', backend }] },
      })),
    },
  };
  const text = JSON.stringify(ingress);
  const { resources } = loadResources([{ path: 'ingress.yaml', text }]);
  const options = { target: 'httproute', gateway: null, gatewayClass: 'istio' } as const;
  return [...convert(resources, settings, options).resources];
}

interface Gateway {
  readonly listeners: readonly { readonly name: string; readonly hostname?: string }[];
}

interface Route {
  readonly hostnames: readonly string[];
  readonly parentRefs: readonly { readonly name: string; readonly sectionName?: string }[];
}

function specs<Spec>(resources: readonly ConvertedResource[], wanted: string): Spec[] {
  return resources.filter(({ kind }) => kind === wanted).map(({ spec }) => spec as Spec);
}

t.test('each host has a listener of its own name', async (t) => {
  const long = `${'a'.repeat(40)}.${'b'.repeat(20)}`;
  const hosts = ['my-shop.test', 'my.shop.test', `${long}.one.test`, `${long}.two.test`];
  const resources = converted(hosts);
  const [gateway] = specs<Gateway>(resources, 'Gateway');
  const names = gateway?.listeners.map(({ name }) => name) ?? [];
  t.strictSame(names.slice(0, 3), ['http', 'https-my-shop-test', 'https-my-shop-test-2']);
  t.equal(new Set(names).size, 5);
  t.ok(names.every((name) => /^[a-z0-9-]{0,62}[a-z0-9]$/.test(name)));
  for (const { hostnames, parentRefs } of specs<Route>(resources, 'HTTPRoute')) {
    const [{ sectionName } = {}] = parentRefs;
    const own = gateway?.listeners.find(({ name }) => name === sectionName);
    t.ok(sectionName === 'http' || own?.hostname === hostnames[0]);
  }
});

t.test('a Gateway has no more listeners than the Gateway API allows', async (t) => {
  const hosts = Array.from({ length: 130 }, (_, index) => `h${index}.test`);
  const resources = converted(hosts);
  const gateways = resources.filter(({ kind }) => kind === 'Gateway');
  t.strictSame(
    gateways.map(({ metadata, spec }) => [metadata.name, (spec as Gateway).listeners.length]),
    [
      ['ingress', 64],
      ['ingress-2', 64],
      ['ingress-3', 3],
    ],
  );
  const parents = specs<Route>(resources, 'HTTPRoute').flatMap(({ parentRefs }) => parentRefs);
  for (const { metadata, spec } of gateways) {
    for (const { name } of (spec as Gateway).listeners) {
      t.ok(parents.some((one) => one.name === metadata.name && one.sectionName === name));
    }
  }
});
