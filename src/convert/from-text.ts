/** The comment above what is written: where it comes from. */

/** `From Ingress default/shop (shop.yaml:3).` */
export function fromText(sources: readonly string[]): string {
  return `From ${[...new Set(sources)].join(', ')}.`;
}
