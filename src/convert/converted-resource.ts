/** A resource as `sluice convert` writes it. */

export interface ConvertedResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ConvertedMetadata;
  readonly spec: object;
  /** Sentences for a comment above it: what it was made from, what else it needs. */
  readonly remarks: readonly string[];
}

export interface ConvertedMetadata {
  readonly name: string;
  readonly namespace: string;
}
