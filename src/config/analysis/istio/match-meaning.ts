/** Matches of rules as texts that can be compared. */

/** Alike for matches that differ in nothing but their names and the order of their fields. */
export function matchMeaning(match: object): string {
  return JSON.stringify({ ...match, name: undefined }, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
