/** Ingresses as VirtualServices or HTTPRoutes, and what they ask for that these cannot say. */

import type { Finding } from '../config/finding.ts';
import type { ProxySettings } from '../config/proxy-settings.ts';
import type { ResourceSet } from '../config/resource-set.ts';
import type { Conversion } from './conversion.ts';
import { ConversionLosses, type Loss } from './conversion-losses.ts';
import type { ConvertedResource } from './converted-resource.ts';
import { type EntryName, entryPoint } from './entry-point.ts';
import { type MadeResources, madeFromIngresses } from './made-resources.ts';
import { ResourceNames } from './resource-names.ts';
import { toHttpRoute } from './to-http-route.ts';
import { toVirtualService } from './to-virtual-service.ts';

export type Target = 'virtualservice' | 'httproute';

export interface ConvertOptions {
  readonly target: Target;
  /** Of the Gateway that is written; null: one that is free. */
  readonly gateway: EntryName | null;
  readonly gatewayClass: string;
}

const defaultGateway: EntryName = { name: 'ingress', namespace: null };

export interface Converted {
  readonly made: MadeResources;
  readonly resources: readonly ConvertedResource[];
  readonly losses: readonly Loss[];
  /** What is wrong in the Ingresses. */
  readonly findings: readonly Finding[];
}

export function convert(
  written: ResourceSet,
  settings: ProxySettings,
  { target, gateway, gatewayClass }: ConvertOptions,
): Converted {
  const { made, findings } = madeFromIngresses(written, settings);
  const isRoute = target === 'httproute';
  const gatewayNames = new ResourceNames(isRoute ? written.kubernetesGateways : written.gateways);
  const entry = entryPoint(made, gateway ?? defaultGateway);
  const { name, namespace } = entry;
  const chosen = gatewayNames.choose(namespace, [name]);
  const conversion: Conversion = {
    made,
    entry: gateway === null ? { ...entry, name: chosen } : entry,
    gatewayNames,
    written,
    losses: new ConversionLosses(isRoute ? 'HTTPRoute' : 'VirtualService'),
    gatewayClass,
    domainSuffix: settings.mesh.domainSuffix,
  };
  const resources = isRoute ? toHttpRoute(conversion) : toVirtualService(conversion);
  return { made, resources, losses: conversion.losses.list(), findings };
}
