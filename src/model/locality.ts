/** Where an endpoint or the proxy is. */

/** `region/zone/subzone`; empty parts are unknown. */
export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subzone: string;
}

export const unknownLocality: Locality = { region: '', zone: '', subzone: '' };

/** Tells one locality from another. */
export function localityKey({ region, zone, subzone }: Locality): string {
  return `${region}/${zone}/${subzone}`;
}
