/** Ingresses as VirtualServices or HTTPRoutes, and what they ask for that these cannot say. */

import type { Finding } from '../config/finding.ts';
import type { ProxySettings } from '../config/proxy-settings.ts';
import type { ResourceSet } from '../config/resource-set.ts';
import type { Conversion } from './conversion.ts';
import type { ConvertedResource } from './converted-resource.ts';
import { type EntryName, entryPoint } from './entry-point.ts';
import { type Loss, Losses } from './losses.ts';
import { type MadeResources, madeFromIngresses } from './made-resources.ts';
import { toHttpRoute } from './to-http-route.ts';
import { toVirtualService } from './to-virtual-service.ts';

export type Target = 'virtualservice' | 'httproute';

export interface ConvertOptions {
  readonly target: Target;
  /** Of the Gateway that is written. */
  readonly gateway: EntryName;
  readonly gatewayClass: string;
}

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
  const conversion: Conversion = {
    made,
    entry: entryPoint(made, gateway),
    written,
    losses: new Losses(target === 'httproute' ? 'HTTPRoute' : 'VirtualService'),
    gatewayClass,
    domainSuffix: settings.mesh.domainSuffix,
  };
  const resources = target === 'httproute' ? toHttpRoute(conversion) : toVirtualService(conversion);
  return { made, resources, losses: conversion.losses.list(), findings };
}
