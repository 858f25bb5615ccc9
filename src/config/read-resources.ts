/**
 * All resources that could be read, also those that validation refuses: what Istio's analyzers look
 * at. Of a refused one any field may be missing.
 */

import type { Resource } from './resource.ts';
import type { ResourceSet } from './resource-set.ts';

/** The same with any part missing. */
export type Loose<Value> = Value extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]?: Loose<Value[Key]> | undefined }
    : Value;

type LooseSet = {
  readonly [Key in keyof ResourceSet]: ResourceSet[Key] extends readonly Resource<
    infer Kind,
    infer Spec
  >[]
    ? readonly Resource<Kind, Loose<Spec>>[]
    : never;
};

export interface ReadResources extends LooseSet {
  /** Of kinds that have no schema here; their `spec` is as it was written. */
  readonly others: readonly Resource<string, unknown>[];
}
