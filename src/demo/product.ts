/** The one product of the shop, and what the page may know of it. */

export interface Product {
  readonly id: number;
  readonly title: string;
  readonly description: string;
}

/** What another service said, or that it said nothing of use. */
export type Part<T> = { readonly value: T } | { readonly failedStatus: number };

export const product: Product = {
  id: 0,
  title: 'The Comedy of Errors',
  description:
    'Antipholus of Syracuse and his servant Dromio arrive in Ephesus, where, unknown to them, ' +
    'their twin brothers live under the same names. Each is taken for the other by wife, ' +
    'goldsmith and creditor, until beatings, an arrest and a charge of madness are all that ' +
    'is left to explain: two services, one name, and requests that reach the wrong one.',
};
