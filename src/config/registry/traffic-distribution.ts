/** Whether clients of a service are to prefer near endpoints (Kubernetes `trafficDistribution`). */

const annotation = 'networking.istio.io/traffic-distribution';

/** The field of the Service wins over Istio's annotation, which is read without regard to case. */
export function nearness(
  trafficDistribution: string | undefined,
  annotations: Readonly<Record<string, string>>,
): 'zone' | 'node' | null {
  switch (trafficDistribution) {
    case 'PreferClose':
    case 'PreferSameZone':
      return 'zone';
    case 'PreferSameNode':
      return 'node';
  }
  switch (annotations[annotation]?.toLowerCase()) {
    case 'preferclose':
    case 'prefersamezone':
      return 'zone';
    case 'prefersamenode':
      return 'node';
    default:
      return null;
  }
}
