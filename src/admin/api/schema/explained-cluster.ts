/** A cluster that requests or connections may go to, as explanations tell of it. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { EndpointState } from './clusters.ts';
import { amount, flag, named, nullable, text, textList } from './fields.ts';
import { OptionalOrigin } from './shared.ts';

export type PolicyValue = Static<typeof PolicyValue>;
export const PolicyValue = named('PolicyValue', 'A setting that holds.', {
  name: text('`timeout`, `retries`, `outlierDetection`: as Istio names it.'),
  value: text('In words, with units.'),
  isDefault: flag('Nobody says it: this is what holds then.'),
  origin: OptionalOrigin,
});

export const clusterFields = {
  cluster: text('Its name.'),
  percent: amount('Share of the requests or connections that it gets.'),
  exists: flag('false: they end with the flag NC.'),
  subset: text('Empty without.'),
  origin: OptionalOrigin,
  policy: Type.Array(PolicyValue, { description: 'How its endpoints are used.' }),
  discovery: nullable(text('Where endpoints come from; null where it does not exist.')),
  names: textList('What is looked up in DNS for its endpoints.'),
  endpoints: Type.Array(EndpointState),
  hashedEndpoint: nullable(text('Address that the hash gives; null: any.')),
};
