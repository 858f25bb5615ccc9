/** Which clients a route serves at all, by their address (Envoy RBAC, nginx allow and deny). */

import { type AddressSet, AddressSets } from '../../base/address-set.ts';
import type { SourceIpRules } from '../../model/request-admission.ts';

export class SourceIpFilter {
  readonly #deny: AddressSet | null;
  readonly #allow: AddressSet | null;

  constructor({ deny, allow }: SourceIpRules, sets = new AddressSets()) {
    this.#deny = deny.length === 0 ? null : sets.of(deny);
    this.#allow = allow === null ? null : sets.of(allow);
  }

  /** Text that is no address is in no range. */
  admits(address: string): boolean {
    if (this.#deny?.has(address) === true) return false;
    return this.#allow === null || this.#allow.has(address);
  }
}
