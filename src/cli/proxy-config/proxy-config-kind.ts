/** What `sluice proxy-config` can print: one kind of the configuration, in which columns. */

import { ok, type Result } from '../../base/result.ts';
import type { AdminConnection } from '../options/admin-connection.ts';
import { type Column, tableLines } from '../output/table.ts';

/** Filters by their flags; what is not given lets everything pass. */
export interface ConfigFilters {
  readonly address?: string;
  readonly cluster?: string;
  readonly direction?: string;
  readonly fqdn?: string;
  readonly name?: string;
  readonly port?: number;
  readonly status?: string;
  readonly subset?: string;
}

export type FilterName = keyof ConfigFilters;

/** `Item` is what is printed as JSON and YAML, `Row` a line of the table. */
export interface KindParts<Item, Row> {
  readonly name: string;
  /** As istioctl has them. */
  readonly aliases: readonly string[];
  readonly filters: readonly FilterName[];
  readonly columns: readonly Column<Row>[];
  /** null: there is nothing more to tell. */
  readonly wideColumns: readonly Column<Row>[] | null;
  /** In the order of printing. The error is a sentence for people. */
  read(admin: AdminConnection): Promise<Result<readonly Item[], string>>;
  matches(item: Item, filters: ConfigFilters): boolean;
  rows(item: Item): readonly Row[];
}

export interface ConfigKind
  extends Pick<KindParts<unknown, unknown>, 'name' | 'aliases' | 'filters'> {
  fetch(admin: AdminConnection, filters: ConfigFilters): Promise<Result<KindItems, string>>;
}

/** What passed the filters. */
export interface KindItems {
  readonly items: readonly unknown[];
  table(wide: boolean): string[];
}

export function configKind<Item, Row>(parts: KindParts<Item, Row>): ConfigKind {
  return {
    name: parts.name,
    aliases: parts.aliases,
    filters: parts.filters,
    fetch: async (admin, filters) => {
      const read = await parts.read(admin);
      if (!read.ok) return read;
      const items = read.value.filter((item) => parts.matches(item, filters));
      const table = (wide: boolean): string[] =>
        tableLines((wide ? parts.wideColumns : null) ?? parts.columns, items.flatMap(parts.rows));
      return ok({ items, table });
    },
  };
}

/** A value is asked for, and this is another one. Case does not matter. */
export function differs(asked: string | undefined, value: string): boolean {
  return asked !== undefined && asked.toLowerCase() !== value.toLowerCase();
}
