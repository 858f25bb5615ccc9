/** Which clients a route serves at all, by their address (Envoy RBAC, nginx allow and deny). */

import { AddressSet } from '../base/address-set.ts';
import type { SourceIpRules } from '../model/request-admission.ts';

export class SourceIpFilter {
  readonly #deny: AddressSet | null;
  readonly #allow: AddressSet | null;

  constructor({ deny, allow }: SourceIpRules) {
    this.#deny = deny.length === 0 ? null : new AddressSet(deny);
    this.#allow = allow === null ? null : new AddressSet(allow);
  }

  /** Text that is no address is in no range. */
  admits(address: string): boolean {
    if (this.#deny?.has(address) === true) return false;
    return this.#allow === null || this.#allow.has(address);
  }
}
