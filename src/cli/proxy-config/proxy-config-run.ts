/** What `sluice proxy-config` does: reads the kinds that are asked for, and prints them. */

import { err, ok, type Result } from '../../base/result.ts';
import { exitCode } from '../exit-code.ts';
import { AdminConnection } from '../options/admin-connection.ts';
import { usageError } from '../options/usage-error.ts';
import { fail } from '../output/say.ts';
import { certificateKind } from './certificate-table.ts';
import { clusterKind } from './cluster-table.ts';
import { endpointKind } from './endpoint-table.ts';
import { gatewayKind } from './gateway-table.ts';
import { listenerKind } from './listener-table.ts';
import { logLevelKind } from './log-level-table.ts';
import type { ProxyConfigFlags } from './proxy-config.ts';
import type { ConfigKind, FilterName, KindItems } from './proxy-config-kind.ts';
import { routeKind } from './route-table.ts';

/** What `all` stands for, in its order. */
const routing: readonly ConfigKind[] = [listenerKind, routeKind, clusterKind, endpointKind];
const kinds: readonly ConfigKind[] = [...routing, gatewayKind, certificateKind, logLevelKind];

const filterNames: readonly FilterName[] = [...new Set(kinds.flatMap(({ filters }) => filters))];

export async function proxyConfig(name: string, flags: ProxyConfigFlags): Promise<number> {
  const chosen = await kindsNamed(name);
  checkFilters(name, chosen, flags);
  const admin = new AdminConnection(flags);
  const read = await readKinds(chosen, admin, flags);
  if (!read.ok) return fail(read.error);
  process.stdout.write(await printed(chosen, read.value, flags.output));
  return exitCode.ok;
}

async function kindsNamed(name: string): Promise<readonly ConfigKind[]> {
  if (name === 'all' || name === 'a') return routing;
  const found = kinds.find((kind) => kind.name === name || kind.aliases.includes(name));
  if (found !== undefined) return [found];
  const names = [...kinds.map((kind) => kind.name), 'all'];
  const { nearestName } = await import('../../config/schema/suggest.ts');
  const near = nearestName(name, names);
  const hint = near === null ? `write one of ${names.join(', ')}` : `did you mean ${near}?`;
  throw usageError(`there is no kind "${name}"; ${hint}`);
}

/** A filter without effect would be taken for one that lets everything pass. */
function checkFilters(name: string, chosen: readonly ConfigKind[], flags: ProxyConfigFlags): void {
  const known = new Set(chosen.flatMap(({ filters }) => filters));
  const wrong = filterNames.find((filter) => flags[filter] !== undefined && !known.has(filter));
  if (wrong === undefined) return;
  const own = [...known].map((filter) => `--${filter}`).join(', ');
  const instead = own === '' ? 'there is none' : `there are ${own}`;
  throw usageError(`--${wrong} is no filter of ${name}; ${instead}`);
}

async function readKinds(
  chosen: readonly ConfigKind[],
  admin: AdminConnection,
  flags: ProxyConfigFlags,
): Promise<Result<readonly KindItems[], string>> {
  const all: KindItems[] = [];
  for (const kind of chosen) {
    const read = await kind.fetch(admin, flags);
    if (!read.ok) return err(read.error);
    all.push(read.value);
  }
  return ok(all);
}

/** One kind is printed as a list of its items, several as an object that has these lists. */
async function printed(
  chosen: readonly ConfigKind[],
  read: readonly KindItems[],
  output: ProxyConfigFlags['output'],
): Promise<string> {
  if (output === 'short' || output === 'wide') {
    const tables = read.map((items) => items.table(output === 'wide'));
    return tables.map((lines) => `${lines.join('\n')}\n`).join('\n');
  }
  const lists = chosen.map(({ name }, index) => [name, read[index]?.items] as const);
  const value = lists.length === 1 ? lists[0]?.[1] : Object.fromEntries(lists);
  if (output === 'json') return `${JSON.stringify(value, null, 2)}\n`;
  const { stringify } = await import('yaml');
  return stringify(value);
}
