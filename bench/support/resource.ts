/** A resource of a configuration that a benchmark writes. */

export function resource(apiVersion: string, kind: string, name: string, spec: unknown): unknown {
  return { apiVersion, kind, metadata: { name }, spec };
}
