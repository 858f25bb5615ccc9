/** Where requests and connections go, by their shares, and clusters as people name them. */

import type { Field } from './field.ts';

/** Of a route, or of a TCP proxy. */
interface Weighted {
  readonly cluster: string;
  readonly weight: number;
}

/** Shares, for 1 to 1 is 50 to 50, and evenly where all are 0. */
export function destinationField(clusters: readonly Weighted[]): Field {
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  const shares = new Map<string, number>();
  for (const { cluster, weight } of clusters) {
    const share = total === 0 ? 1 / clusters.length : weight / total;
    shares.set(cluster, (shares.get(cluster) ?? 0) + share);
  }
  const sorted = [...shares].sort(([a], [b]) => (a < b ? -1 : 1));
  const only = sorted.length === 1;
  const text = sorted.map(([cluster, share]) => {
    const name = describeCluster(cluster);
    return only ? name : `${name} ${Number((100 * share).toFixed(4))} %`;
  });
  const key = JSON.stringify(sorted.map(([name, share]) => [name, share.toPrecision(12)]));
  return { key, text: text.join(', ') };
}

/** `reviews.default:9080 v1`. */
export function describeCluster(name: string): string {
  const [direction = '', port = '', subset = '', host] = name.split('|');
  if (host === undefined) return name;
  const service = host.replace(/\.svc\.cluster\.local$/, '');
  const place = service === '' ? `${direction}:${port}` : `${service}:${port}`;
  return subset === '' ? place : `${place} ${subset}`;
}
