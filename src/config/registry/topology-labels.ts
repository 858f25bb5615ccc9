/**
 * The labels that Istio gives endpoints and clients beside their own: where they are. Subsets and
 * failoverPriority compare them like any others.
 */

import type { Locality } from '../../model/locality.ts';

export type Labels = Readonly<Record<string, string>>;

export const topologyLabel = {
  network: 'topology.istio.io/network',
  region: 'topology.kubernetes.io/region',
  zone: 'topology.kubernetes.io/zone',
  subzone: 'topology.istio.io/subzone',
  node: 'kubernetes.io/hostname',
} as const;

interface Place {
  readonly locality: Locality;
  /** Kubernetes node; empty or absent: unknown. */
  readonly node?: string | undefined;
  readonly network?: string | undefined;
}

/** What is known of the place wins over labels, except for the network. */
export function withTopology(labels: Labels, { locality, node, network }: Place): Labels {
  const known: Record<string, string> = {};
  const { region, zone, subzone } = locality;
  if (region !== '') known[topologyLabel.region] = region;
  if (zone !== '') known[topologyLabel.zone] = zone;
  if (subzone !== '') known[topologyLabel.subzone] = subzone;
  if (node !== undefined && node !== '') known[topologyLabel.node] = node;
  const named = labels[topologyLabel.network] ?? '';
  if (network !== undefined && network !== '' && named === '') {
    known[topologyLabel.network] = network;
  }
  return { ...labels, ...known };
}
