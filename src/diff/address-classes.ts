/**
 * One address for each class of addresses that ranges tell apart: those that are in the same of
 * them. The classes lie between the beginnings and the ends of all ranges.
 */

import { isIP } from 'node:net';
import { AddressSet, rangeBits } from '../base/address-set.ts';

export interface AddressClass {
  readonly address: string;
  /** The closest of the ranges; `other addresses` outside of all. */
  readonly label: string;
}

export function addressClasses(ranges: Iterable<string>): AddressClass[] {
  const known = [...new Set(ranges)].flatMap((range) => {
    const bits = rangeBits(range);
    return bits === null ? [] : [{ range, bits, addresses: new AddressSet([range]) }];
  });
  const edges = known.flatMap(({ range, bits }) => edgesOf(range, bits));
  const found = new Map<string, AddressClass>();
  // What people know best stands for what is in no range.
  for (const address of ['127.0.0.1', '::1', ...edges]) {
    const around = known.filter(({ addresses }) => addresses.has(address));
    const key = around.map(({ range }) => range).join(' ');
    const [closest] = around.toSorted((a, b) => b.bits - a.bits);
    if (!found.has(key)) found.set(key, { address, label: closest?.range ?? 'other addresses' });
  }
  return [...found.values()];
}

/** Its first address, and the first one behind it. */
function edgesOf(range: string, bits: number): string[] {
  const [address = ''] = range.split('/');
  const size = isIP(address) === 4 ? 32 : 128;
  const span = 1n << BigInt(size - bits);
  const first = (numberOf(address) / span) * span;
  const next = first + span;
  const edges = next < 1n << BigInt(size) ? [first, next] : [first];
  return edges.map((edge) => (size === 32 ? textOf4(edge) : textOf6(edge)));
}

function numberOf(address: string): bigint {
  if (isIP(address) === 4) {
    return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  }
  // A tail in the form of IPv4 stands for two groups.
  const text = address.replace(/[\d.]+$/, (tail) => (tail.includes('.') ? groupsOf4(tail) : tail));
  const [head = '', rest] = text.split('::');
  const [before, after] = [head, rest ?? ''].map((part) => part.split(':').filter(Boolean));
  const zeros = 8 - (before?.length ?? 0) - (after?.length ?? 0);
  const groups = [...(before ?? []), ...Array<string>(zeros).fill('0'), ...(after ?? [])];
  return groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

function groupsOf4(address: string): string {
  const value = numberOf(address);
  return `${(value >> 16n).toString(16)}:${(value & 65535n).toString(16)}`;
}

function textOf4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

function textOf6(value: bigint): string {
  const shifts = [7n, 6n, 5n, 4n, 3n, 2n, 1n, 0n];
  return shifts.map((group) => ((value >> (group * 16n)) & 65535n).toString(16)).join(':');
}
