/** Resources as YAML, in the way people write it. */

import { Document, visit } from 'yaml';
import type { ConvertedResource } from './converted-resource.ts';

/**
 * `kubectl` reads YAML 1.1, where `yes` and `12:30` are no texts: such texts are quoted. Long ones
 * stay on one line.
 */
const options = { schema: 'yaml-1.1', aliasDuplicateObjects: false } as const;

export function resourceYaml({ remarks, ...resource }: ConvertedResource): string {
  const document = new Document(resource, options);
  // The library writes `#` before each line.
  const comment = remarks.map((remark) => ` ${remark}`).join('\n');
  if (document.contents !== null) document.contents.commentBefore = comment;
  visit(document, {
    Scalar(_key, scalar) {
      const { value } = scalar;
      if (typeof value === 'string' && newNumber.test(value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** What YAML 1.2 alone takes for a number. */
const newNumber = /^[-+]?0o[0-7]+$/;

/** Documents of one stream. */
export function joinDocuments(documents: readonly string[]): string {
  return documents.join('---\n');
}
