/** Names that a certificate can be made for: host names and IP addresses. */

import { isIP } from 'node:net';

export type ServerName =
  | { readonly kind: 'dns'; readonly name: string }
  /** `name` is the address as text. */
  | { readonly kind: 'ip'; readonly name: string; readonly bytes: Uint8Array };

/** RFC 5891 and, as hosts inside clusters are named so too, underscores. */
const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/** One spelling for each name; null where the text, which a client may have sent, is none. */
export function parseServerName(text: string): ServerName | null {
  const name = text.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  const family = isIP(name);
  if (family === 4) return { kind: 'ip', name, bytes: Uint8Array.from(name.split('.'), Number) };
  // The zone of a link-local address has meaning on one machine only.
  if (family === 6) return name.includes('%') ? null : ipv6(name);
  // A name with the dot of the root is the same name; in SNI it has none (RFC 6066 section 3).
  const host = name.endsWith('.') ? name.slice(0, -1) : name;
  const labels = host.split('.');
  if (host.length > 253 || !labels.every((each) => label.test(each))) return null;
  // What ends in a number would be taken for an address (WHATWG URL, "ends in a number").
  if (/^\d+$/.test(labels.at(-1) ?? '')) return null;
  return { kind: 'dns', name: host };
}

function ipv6(text: string): ServerName {
  // URL writes the one canonical form (RFC 5952) and turns a dotted tail into groups.
  const name = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [head = '', tail] = name.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  const groups = [...before, ...zeros, ...after];
  const bytes = Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
  return { kind: 'ip', name, bytes };
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
