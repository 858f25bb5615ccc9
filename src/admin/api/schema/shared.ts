/** Parts that several answers of the API have. */

import type { Static } from 'typebox';
import { count, named, nullable, text } from './fields.ts';

export type Origin = Static<typeof Origin>;
export const Origin = named('Origin', 'The resource that an object was made from.', {
  kind: text('Kind of the resource, for example `VirtualService`.'),
  namespace: text('Its namespace; empty for kinds without.'),
  name: text('Its name.'),
  file: text('File as it was given; `-` for standard input.'),
  line: count('Line of the part that made the object, from 1; 0 if it is not known.'),
});

/** null: the proxy makes the object itself. */
export type OptionalOrigin = Static<typeof OptionalOrigin>;
export const OptionalOrigin = nullable(Origin);

export type Locality = Static<typeof Locality>;
export const Locality = named('Locality', 'Empty parts are not known.', {
  region: text('For example `eu-west`.'),
  zone: text('Within the region.'),
  subzone: text('Within the zone.'),
});

export type ApiError = Static<typeof ApiError>;
export const ApiError = named('ApiError', 'Why a request to the API cannot be answered.', {
  error: text('One sentence that says what to change.'),
  position: nullable(count('Where in the filter the mistake is, in characters from 0; else null.')),
});
