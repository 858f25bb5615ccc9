/** Hosts that get copies of requests: Services as they are, others through a ServiceEntry. */

import { isIP } from 'node:net';
import type { Path } from '../../../problem.ts';
import type { Resource } from '../../../resource.ts';
import type { Destination } from '../../../schema/destination.ts';
import type { DestinationRuleSpec } from '../../../schema/destination-rule.ts';
import type { ServiceEntrySpec } from '../../../schema/service-entry.ts';
import { type MadeParts, madeResource } from '../../made-resource.ts';
import type { IngressContext } from '../ingress-rule.ts';
import type { AnnotationReader } from './annotation-reader.ts';
import type { MirrorTarget } from './mirror-target.ts';

/** A port of a host outside the mesh, with the Ingress that named it first. */
interface MirrorPort {
  readonly target: MirrorTarget;
  readonly reader: AnnotationReader;
}

export class Mirrors {
  readonly #context: IngressContext;
  readonly #byHost = new Map<string, MirrorPort[]>();

  constructor(context: IngressContext) {
    this.#context = context;
  }

  destinationOf(target: MirrorTarget, reader: AnnotationReader): Destination {
    const port = { number: target.port };
    const known = this.#registered(target.host);
    if (known !== null) return { host: known, port };
    const host = hostNameOf(target.host);
    const ports = this.#byHost.get(host) ?? [];
    this.#byHost.set(host, ports);
    if (!ports.some((each) => each.target.port === target.port)) ports.push({ target, reader });
    return { host, port };
  }

  serviceEntries(): Resource<'ServiceEntry', ServiceEntrySpec>[] {
    return [...this.#byHost].map(([host, ports]) => serviceEntryOf(host, ports));
  }

  destinationRules(): Resource<'DestinationRule', DestinationRuleSpec>[] {
    return [...this.#byHost].flatMap(([host, ports]) => destinationRuleOf(host, ports) ?? []);
  }

  /** `name.namespace`, with or without what follows in a cluster, or a host of a ServiceEntry. */
  #registered(host: string): string | null {
    const { resources, settings } = this.#context;
    const suffix = `.svc.${settings.mesh.domainSuffix}`;
    // A Service that is not there is told like that of any other destination.
    if (host.endsWith(suffix)) return host;
    const short = host.replace(/\.svc$/, '');
    const service = resources.services.find(
      ({ metadata }) => `${metadata.name}.${metadata.namespace}` === short,
    );
    if (service !== undefined) return `${short}${suffix}`;
    return resources.serviceEntries.some(({ spec }) => spec.hosts.includes(host)) ? host : null;
  }
}

function serviceEntryOf(
  host: string,
  ports: readonly MirrorPort[],
): Resource<'ServiceEntry', ServiceEntrySpec> {
  const address = addressOf(ports);
  const isAddress = isIP(address) !== 0;
  const spec: ServiceEntrySpec = {
    hosts: [host],
    location: 'MESH_EXTERNAL',
    // TLS is begun by the DestinationRule: what is sent into it is HTTP.
    ports: ports.map(({ target: { port } }) => {
      return { number: port, name: `http-${port}`, protocol: 'HTTP' };
    }),
    resolution: isAddress ? 'STATIC' : 'DNS',
    ...(isAddress ? { endpoints: [{ address }] } : {}),
  };
  return madeResource({ kind: 'ServiceEntry', spec, ...origin(host, ports, 'ports') });
}

/** A port with TLS says nothing of the others. null: none has it. */
function destinationRuleOf(
  host: string,
  ports: readonly MirrorPort[],
): Resource<'DestinationRule', DestinationRuleSpec> | null {
  const secure = ports.filter(({ target }) => target.isTls);
  if (secure.length === 0) return null;
  const address = addressOf(ports);
  const portLevelSettings = secure.map(({ target: { port } }) => ({
    port: { number: port },
    tls: { mode: 'SIMPLE' as const, sni: address, insecureSkipVerify: true },
  }));
  const spec = { host, trafficPolicy: { portLevelSettings } };
  return madeResource({
    kind: 'DestinationRule',
    spec,
    ...origin(host, secure, 'portLevelSettings'),
  });
}

/** As it is written: that of all ports of a host. */
function addressOf([first]: readonly MirrorPort[]): string {
  return (first as MirrorPort).target.host;
}

/** `list`: the field with an item for each of the ports. */
function origin(
  host: string,
  ports: readonly MirrorPort[],
  list: string,
): Pick<MadeParts<string, unknown>, 'name' | 'from' | 'pathOf' | 'resourceOf'> {
  const [first] = ports as readonly [MirrorPort, ...MirrorPort[]];
  const readerOf = (path: Path): AnnotationReader => {
    const index = path[path.indexOf(list) + 1];
    const port = path.includes(list) && typeof index === 'number' ? ports[index] : undefined;
    return (port ?? first).reader;
  };
  return {
    name: `${host.replaceAll('.', '-')}-mirror`,
    from: first.reader.ingress,
    pathOf: (path) => readerOf(path).pathOf('mirror-target'),
    resourceOf: (path) => readerOf(path).ingress,
  };
}

/** An address is no host of a service. */
function hostNameOf(host: string): string {
  return isIP(host) === 0 ? host : `${host.replaceAll('.', '-')}.mirror.internal`;
}
