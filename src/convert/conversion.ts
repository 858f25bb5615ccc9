/** What is known while Ingresses are converted, whatever they become. */

import type { ResourceSet } from '../config/resource-set.ts';
import type { ConversionLosses } from './conversion-losses.ts';
import type { EntryPoint } from './entry-point.ts';
import type { MadeResources } from './made-resources.ts';
import type { ResourceNames } from './resource-names.ts';

export interface Conversion {
  readonly made: MadeResources;
  readonly entry: EntryPoint;
  /** Of Gateways of the kind that is written; that of the entry point is among them. */
  readonly gatewayNames: ResourceNames;
  /** What the configuration holds besides, whose names are taken. */
  readonly written: ResourceSet;
  readonly losses: ConversionLosses;
  /** `gatewayClassName` of a Gateway of the Gateway API. */
  readonly gatewayClass: string;
  /** Of the hosts of Services: `cluster.local`. */
  readonly domainSuffix: string;
}
