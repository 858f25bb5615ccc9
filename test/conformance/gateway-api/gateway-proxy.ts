/** A proxy in this process that serves one Gateway of the manifests, or one pod of the mesh. */

import { strict as assert } from 'node:assert';
import type { ResourceSet } from '../../../src/config/resource-set.ts';
import { mergeSettings } from '../../../src/config/settings/merge-settings.ts';
import type { ProxyFlags } from '../../../src/config/settings/proxy-flags.ts';
import { type Translation, translateMesh } from '../../../src/config/translate/mesh.ts';
import { loadResources } from '../../support/load-resources.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { secretsOf } from '../../support/tls-fixtures.ts';
import type { Manifest } from './manifests.ts';

/** What ends with a test. */
export interface Teardown {
  teardown(end: () => Promise<void>): void;
}

export interface RunningProxy {
  /** Where each port of the Gateway, or of services, is bound. */
  readonly ports: ReadonlyMap<number, number>;
}

export function loadManifests(manifests: readonly Manifest[]): ResourceSet {
  // JSON is YAML.
  const text = manifests.map((each) => JSON.stringify(each)).join('\n---\n');
  return loadResources([{ path: 'manifests.yaml', text }]).resources;
}

export function translateAs(resources: ResourceSet, flags: ProxyFlags): Translation {
  const settings = mergeSettings(flags, resources.bootstraps);
  assert(settings.ok);
  return translateMesh(resources, settings.value.proxy);
}

/** With the labels that Istio gives to the proxies of a Gateway. */
export function startGateway(
  end: Teardown,
  resources: ResourceSet,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<RunningProxy> {
  const labels = `gateway.networking.k8s.io/gateway-name=${name}`;
  // Each has a port of its own, also where low ones would be moved.
  const gateway = resources.kubernetesGateways.find(({ metadata }) => metadata.name === name);
  const ports = new Set(gateway?.spec.listeners?.map(({ port }) => port));
  const port = [...ports].map((each) => `${each}=${20_000 + each}`);
  return start(end, translateAs(resources, { labels, namespace, port }), 'gateway');
}

/** The outbound side of a pod of the application `echo`, with these service ports. */
export function startSidecar(
  end: Teardown,
  resources: ResourceSet,
  { namespace, ports }: { readonly namespace: string; readonly ports: readonly number[] },
): Promise<RunningProxy> {
  const outbound = ports.map((port, index) => `127.0.0.1:${15_101 + index}=${port}`);
  const flags = { labels: 'app=echo,version=v1', namespace, outbound };
  return start(end, translateAs(resources, flags), 'outbound');
}

async function start(
  end: Teardown,
  { mesh, secrets }: Translation,
  direction: 'gateway' | 'outbound',
): Promise<RunningProxy> {
  const listeners = mesh.listeners
    .filter((listener) => listener.direction === direction)
    .map((listener) => ({ ...listener, address: '127.0.0.1', port: 0 }));
  const harness = await ProxyHarness.start(end, { ...mesh, listeners: [] });
  await harness.runtime.apply({ ...mesh, listeners }, secretsOf(...secrets));
  const active = harness.runtime.listeners.active;
  return {
    ports: new Map(active.map(({ model, boundPort }) => [model.servicePort, boundPort])),
  };
}
