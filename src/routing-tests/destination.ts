/** Destinations as tests name them, and clusters as destinations. */

import type { Destination } from '../config/schema/destination.ts';

/** `outbound|9080|v1|reviews.default.svc.cluster.local` as the destination it stands for. */
export function destinationOf(cluster: string): Destination {
  const [, port = '', subset = '', host] = cluster.split('|');
  // A cluster that the proxy has by itself has one part only.
  if (host === undefined) return { host: cluster };
  return {
    host,
    ...(subset === '' ? {} : { subset }),
    ...(Number(port) > 0 ? { port: { number: Number(port) } } : {}),
  };
}

/** `expected` may have a short host, and no port for any. */
export function isSameDestination(expected: Destination, actual: Destination): boolean {
  const port = expected.port?.number;
  return (
    isSameHost(expected.host.toLowerCase(), actual.host.toLowerCase()) &&
    (expected.subset ?? '') === (actual.subset ?? '') &&
    (port === undefined || port === actual.port?.number)
  );
}

/** `reviews` and `reviews.default` mean `reviews.default.svc.cluster.local`, in any namespace. */
function isSameHost(expected: string, actual: string): boolean {
  if (expected === actual) return true;
  const [service = '', namespace = '', svc] = actual.split('.');
  return svc === 'svc' && (expected === service || expected === `${service}.${namespace}`);
}

/** `reviews.default.svc.cluster.local:9080 subset v1`. */
export function formatDestination({ host, subset, port }: Destination): string {
  const at = port?.number === undefined ? '' : `:${port.number}`;
  return `${host}${at}${subset === undefined || subset === '' ? '' : ` subset ${subset}`}`;
}
