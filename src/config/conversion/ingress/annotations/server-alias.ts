/** server-alias: further hosts with the rules of a host. */

import type { AnnotationReader } from './annotation-reader.ts';

export function readServerAliases(reader: AnnotationReader): readonly string[] {
  const aliases = reader.list('server-alias');
  const wrong = aliases.find((alias) => !/^(\*\.)?[\w-]+(\.[\w-]+)*$/.test(alias));
  if (wrong === undefined) return aliases.map((alias) => alias.toLowerCase());
  reader.refuse('server-alias', `"${wrong}" is no host: write a.example.com,*.example.org`);
  return [];
}
