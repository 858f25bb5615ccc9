/** Where the documentation explains a finding. */

/** Its row in `docs/messages.md`, which is part of the package. */
export function messageLink(code: string): string {
  return `docs/messages.md#${code.toLowerCase()}`;
}
