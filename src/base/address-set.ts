/** Ranges of IP addresses, made ready to be asked for one address after the other. */

import { BlockList, isIP, isIPv6 } from 'node:net';
import { err, ok, type Result } from './result.ts';

interface Range {
  readonly address: string;
  readonly bits: number;
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
function parseRange(text: string): Range | null {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const family = isIP(address);
  if (family === 0) return null;
  const most = family === 4 ? 32 : 128;
  if (slash < 0) return { address, bits: most };
  const length = text.slice(slash + 1);
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  return bits <= most ? { address, bits } : null;
}

/** The range as it was given, or what is wrong with it. */
export function parseAddressRange(text: string): Result<string, string> {
  if (parseRange(text) !== null) return ok(text);
  return err(`"${text}" is not a range of addresses: write it like 10.0.0.0/8`);
}

/** How many leading bits of an address a range fixes; null for what is no range. */
export function rangeBits(text: string): number | null {
  return parseRange(text)?.bits ?? null;
}

export class AddressSet {
  readonly #ranges = new BlockList();

  /** What is no range of addresses adds nothing. */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const parsed = parseRange(range);
      if (parsed === null) continue;
      this.#ranges.addSubnet(parsed.address, parsed.bits, familyOf(parsed.address));
    }
  }

  has(address: string): boolean {
    return this.#ranges.check(address, familyOf(address));
  }
}

/** The sets of one configuration: lists that say the same share one. */
export class AddressSets {
  readonly #sets = new Map<string, AddressSet>();

  of(ranges: readonly string[]): AddressSet {
    const key = ranges.join(' ');
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const set = new AddressSet(ranges);
    this.#sets.set(key, set);
    return set;
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
