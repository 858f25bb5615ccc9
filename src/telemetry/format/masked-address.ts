/** The network of an address, in CIDR notation. */

import { isIP } from 'node:net';

/** `10.1.10.23` and 16 are `10.1.0.0/16`; null for a name. More bits than there are mean all. */
export function maskedAddress(host: string, maskBits: number): string | null {
  const family = isIP(host);
  if (family === 0) return null;
  const bits = Math.min(maskBits, family === 4 ? 32 : 128);
  return `${family === 4 ? maskedIPv4(host, bits) : maskedIPv6(host, bits)}/${bits}`;
}

function maskedIPv4(host: string, bits: number): string {
  return masked(host.split('.').map(Number), 8, bits).join('.');
}

function maskedIPv6(host: string, bits: number): string {
  const [head = [], tail = []] = canonicalIPv6(host)
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = new Array<string>(8 - head.length - tail.length).fill('0');
  const groups = [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
  const network = masked(groups, 16, bits).map((group) => group.toString(16));
  return canonicalIPv6(network.join(':'));
}

/** Hexadecimal groups, the longest run of zeros as `::`. */
function canonicalIPv6(host: string): string {
  return new URL(`http://[${host}]`).hostname.slice(1, -1);
}

/** Parts of `width` bits each; those behind the first `bits` become 0. */
function masked(parts: readonly number[], width: number, bits: number): number[] {
  return parts.map((part, index) => {
    const kept = Math.min(width, Math.max(0, bits - index * width));
    return part & ~((1 << (width - kept)) - 1);
  });
}
