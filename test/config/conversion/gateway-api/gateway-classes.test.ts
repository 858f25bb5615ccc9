/** Which Gateways a proxy serves. */

import t from 'tap';
import { ServedGateways } from '../../../../src/config/conversion/gateway-api/gateway-classes.ts';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import { load, gateway as proxy } from '../../translate/translate-yaml.ts';
import { atHome, gatewayApi, kubernetesService } from './connection-yaml.ts';

function gatewayOfClass(name: string, gatewayClass: string, more = ''): string {
  const listener = '{name: http, port: 80, protocol: HTTP}';
  const spec = `{gatewayClassName: ${gatewayClass}, listeners: [${listener}]${more}}`;
  return gatewayApi('Gateway', name, spec);
}

function classOf(name: string, controllerName: string): string {
  return gatewayApi('GatewayClass', name, `{controllerName: ${controllerName}}`);
}

/** `namespace/name` of those that are served. */
function served(yaml: string, settings: ProxySettings): string[] {
  const resources = load(yaml);
  const gateways = new ServedGateways(resources, settings);
  return resources.kubernetesGateways
    .filter((gateway) => gateways.has(gateway))
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

/** A proxy that Istio deploys for a Gateway. */
function proxyOf(namespace: string, name: string): ProxySettings {
  const labels = { 'gateway.networking.k8s.io/gateway-name': name };
  return { ...proxy, identity: { ...proxy.identity, namespace, labels } };
}

t.test('without labels every Gateway is served, of whatever class', async (t) => {
  const yaml = gatewayOfClass('a', 'istio') + gatewayOfClass('b', 'nginx');
  t.strictSame(served(yaml, atHome), ['default/a', 'default/b']);
});

t.test('the class says whose a Gateway is', async (t) => {
  const cases = [
    { name: 'istio', classes: '', is: true },
    { name: 'sluice', classes: '', is: true },
    { name: 'own', classes: '', is: false },
    { name: 'own', classes: classOf('own', 'istio.io/gateway-controller'), is: true },
    { name: 'own', classes: classOf('own', 'sluice.dev/gateway-controller'), is: true },
    { name: 'own', classes: classOf('own', 'example.com/controller'), is: false },
    { name: 'istio', classes: classOf('istio', 'example.com/controller'), is: false },
  ];
  for (const { name, classes, is } of cases) {
    const yaml = classes + gatewayOfClass('edge/web', name);
    t.strictSame(served(yaml, proxyOf('edge', 'web')), is ? ['edge/web'] : [], classes || name);
  }
});

t.test('a proxy of a Gateway serves that one alone', async (t) => {
  const yaml = ['edge/web', 'edge/api', 'default/web'].map((name) => gatewayOfClass(name, 'istio'));
  t.strictSame(served(yaml.join(''), proxyOf('edge', 'api')), ['edge/api']);
});

t.test('another proxy serves the Gateways that name its Service as address', async (t) => {
  const service = kubernetesService('istio-system/ingress', '80 http').replace(
    'spec: {',
    'spec: {selector: {istio: ingressgateway}, ',
  );
  const address = (value: string) => `, addresses: [{type: Hostname, value: ${value}}]`;
  const full = address('ingress.istio-system.svc.cluster.local');
  const cases = [
    { name: 'default/web', more: full, is: true },
    { name: 'istio-system/web', more: address('ingress'), is: true },
    { name: 'default/web', more: address('ingress'), is: false },
    { name: 'default/web', more: '', is: false },
  ];
  for (const { name, more, is } of cases) {
    // The field has no effect on where it listens, and is told so.
    const yaml = service + gatewayOfClass(name, 'istio', more);
    t.strictSame(served(yaml, proxy), is ? [name] : [], `${name}${more}`);
  }
  const other = service.replace('ingressgateway', 'egressgateway');
  t.strictSame(served(other + gatewayOfClass('web', 'istio', full), proxy), []);
});

t.test('classes that are served are accepted', async (t) => {
  const yaml = classOf('own', 'sluice.dev/gateway-controller') + classOf('other', 'x.io/y');
  const accepted = (settings: ProxySettings) =>
    new ServedGateways(load(yaml), settings).statuses().map(({ name }) => name);
  t.strictSame(accepted(proxy), ['own']);
  t.strictSame(accepted(atHome), ['own', 'other']);
});
