/** Hosts that get copies of requests: Services as they are, others through a ServiceEntry. */

import { isIP } from 'node:net';
import type { Resource } from '../../../resource.ts';
import type { Destination } from '../../../schema/destination.ts';
import type { DestinationRuleSpec } from '../../../schema/destination-rule.ts';
import type { ServiceEntrySpec } from '../../../schema/service-entry.ts';
import { madeResource } from '../../made-resource.ts';
import type { IngressContext } from '../ingress-rule.ts';
import type { AnnotationReader } from './annotation-reader.ts';
import type { MirrorTarget } from './mirror-target.ts';

export class Mirrors {
  readonly serviceEntries: Resource<'ServiceEntry', ServiceEntrySpec>[] = [];
  readonly destinationRules: Resource<'DestinationRule', DestinationRuleSpec>[] = [];
  readonly #context: IngressContext;
  readonly #made = new Set<string>();

  constructor(context: IngressContext) {
    this.#context = context;
  }

  destinationOf(target: MirrorTarget, reader: AnnotationReader): Destination {
    const port = { number: target.port };
    const known = this.#registered(target.host);
    if (known !== null) return { host: known, port };
    const host = hostNameOf(target.host);
    if (!this.#made.has(`${host}:${target.port}`)) this.#make(host, target, reader);
    this.#made.add(`${host}:${target.port}`);
    return { host, port };
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

  #make(
    host: string,
    { port, isTls, host: address }: MirrorTarget,
    reader: AnnotationReader,
  ): void {
    const made = { from: reader.ingress, pathOf: () => reader.pathOf('mirror-target') };
    const name = `${host.replaceAll('.', '-')}-${port}-mirror`;
    const isAddress = isIP(address) !== 0;
    this.serviceEntries.push(
      madeResource({
        kind: 'ServiceEntry',
        name,
        spec: {
          hosts: [host],
          location: 'MESH_EXTERNAL',
          // TLS is begun by the DestinationRule: what is sent into it is HTTP.
          ports: [{ number: port, name: `http-${port}`, protocol: 'HTTP' }],
          resolution: isAddress ? 'STATIC' : 'DNS',
          ...(isAddress ? { endpoints: [{ address }] } : {}),
        },
        ...made,
      }),
    );
    if (!isTls) return;
    const tls = { mode: 'SIMPLE' as const, sni: address, insecureSkipVerify: true };
    this.destinationRules.push(
      madeResource({
        kind: 'DestinationRule',
        name,
        spec: { host, trafficPolicy: { tls } },
        ...made,
      }),
    );
  }
}

/** An address is no host of a service. */
function hostNameOf(host: string): string {
  return isIP(host) === 0 ? host : `${host.replaceAll('.', '-')}.mirror.internal`;
}
