/** Values of records whose names come from outside, such as labels. */

/** What a record has under a name itself: unlike `record[name]`, never a part of every object. */
export function ownValue<V>(record: Readonly<Record<string, V>>, name: string): V | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
