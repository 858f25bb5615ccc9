/** Names of the files that are made for each kind: `DestinationRule` is `destination-rule.md`. */

import type { KindSchema } from '../src/config/schema/kinds.ts';

export function kindFileName({ kind }: KindSchema, extension: 'md' | 'json'): string {
  const kebab = kind.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`);
  return `${kebab.toLowerCase()}.${extension}`;
}
