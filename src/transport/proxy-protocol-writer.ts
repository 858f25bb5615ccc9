/** Writes the header of the PROXY protocol that a connection to an endpoint begins with. */

import { isIPv4, isIPv6 } from 'node:net';
import { type ProxiedEnds, proxySignature } from './proxy-protocol.ts';

/** Latin-1 text: one character a byte. */
export function proxyHeader(version: 'V1' | 'V2', ends: ProxiedEnds): string {
  const { source, destination } = ends;
  const isV4 = isIPv4(source.address) && isIPv4(destination.address);
  const isV6 = isIPv6(source.address) && isIPv6(destination.address);
  if (version === 'V1') {
    if (!isV4 && !isV6) return 'PROXY UNKNOWN\r\n';
    const addresses = `${source.address} ${destination.address}`;
    return `PROXY TCP${isV4 ? 4 : 6} ${addresses} ${source.port} ${destination.port}\r\n`;
  }
  const start = proxySignature.toString('latin1');
  // Ends that do not go together are not told: LOCAL.
  if (!isV4 && !isV6) return `${start}\x20\x00${uint16(0)}`;
  const bytes = isV4 ? bytesOfIPv4 : bytesOfIPv6;
  const addresses = bytes(source.address) + bytes(destination.address);
  const body = addresses + uint16(source.port) + uint16(destination.port);
  return `${start}\x21${isV4 ? '\x11' : '\x21'}${uint16(body.length)}${body}`;
}

function uint16(value: number): string {
  return String.fromCharCode(value >> 8, value & 0xff);
}

function bytesOfIPv4(address: string): string {
  return String.fromCharCode(...address.split('.').map(Number));
}

/** Eight groups, with `::` filled up, an IPv4 tail taken apart and no zone. */
function bytesOfIPv6(address: string): string {
  const [plain = ''] = address.split('%');
  const tail = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain);
  const hex = tail === null ? plain : plain.slice(0, tail.index) + groupsOfIPv4(tail);
  const [head = '', rest] = hex.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = rest === undefined || rest === '' ? [] : rest.split(':');
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return [...first, ...zeros, ...last].map((group) => uint16(Number.parseInt(group, 16))).join('');
}

function groupsOfIPv4([, a, b, c, d]: readonly string[]): string {
  const group = (high = '0', low = '0'): string => (Number(high) * 256 + Number(low)).toString(16);
  return `${group(a, b)}:${group(c, d)}`;
}
