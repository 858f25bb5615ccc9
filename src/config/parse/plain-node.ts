/** What is written plainly: values, with the lines and columns that they stand at. */

export interface Placed {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
}

export interface PlainScalar extends Placed {
  readonly is: 'scalar';
  readonly value: unknown;
  /** Nothing stands there, which means null. */
  readonly isEmpty: boolean;
}

export interface PlainList extends Placed {
  readonly is: 'list';
  readonly value: readonly unknown[];
  readonly items: readonly PlainNode[];
}

export interface PlainMap extends Placed {
  readonly is: 'map';
  readonly value: Readonly<Record<string, unknown>>;
  readonly entries: readonly PlainEntry[];
}

export interface PlainEntry {
  readonly key: string;
  readonly keyPlace: Placed;
  readonly node: PlainNode;
}

export type PlainNode = PlainScalar | PlainList | PlainMap;
