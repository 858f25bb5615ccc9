/**
 * `sluice proxy-config gateways`: what of the Gateway API was taken, in the words of its status
 * conditions. A line for each resource, listener of a Gateway, and parent of a route.
 */

import type { ConditionInfo, PartInfo, ResourceState } from '../../admin/api/schema/resources.ts';
import { ok } from '../../base/result.ts';
import { placeCell } from '../output/origin-text.ts';
import type { Column } from '../output/table.ts';
import { configKind, differs } from './proxy-config-kind.ts';

interface StatusRow {
  readonly resource: ResourceState;
  /** null: of the whole resource. */
  readonly part: PartInfo | null;
  readonly conditions: readonly ConditionInfo[];
}

const columns: readonly Column<StatusRow>[] = [
  { title: 'KIND', cell: ({ resource }) => resource.kind },
  { title: 'NAME', cell: ({ resource }) => nameOf(resource) },
  { title: 'LISTENER OR PARENT', cell: ({ part }) => part?.name ?? '-' },
  { title: 'ROUTES', cell: ({ part }) => String(part?.attachedRoutes ?? '-') },
  { title: 'ACCEPTED', cell: (row) => statusOf(row, 'Accepted') },
  { title: 'PROGRAMMED', cell: (row) => statusOf(row, 'Programmed') },
  { title: 'RESOLVED REFS', cell: (row) => statusOf(row, 'ResolvedRefs') },
  { title: 'REASON', cell: (row) => textOf(row, ({ reason }) => reason) },
];

export const gatewayKind = configKind<ResourceState, StatusRow>({
  name: 'gateways',
  aliases: ['gateway', 'g'],
  filters: ['name'],
  columns,
  wideColumns: [
    ...columns,
    { title: 'MESSAGE', cell: (row) => textOf(row, ({ message }) => message) },
    { title: 'DEFINED AT', cell: ({ resource }) => placeCell(resource) },
  ],
  read: async ({ client }) => {
    const answer = await client.resources();
    return answer.ok ? ok(answer.value.resources.filter(hasStatus)) : answer;
  },
  matches: (resource, { name }) =>
    !differs(name, resource.name) || !differs(name, nameOf(resource)),
  rows: (resource) => [
    ...(resource.conditions.length === 0
      ? []
      : [{ resource, part: null, conditions: resource.conditions }]),
    ...resource.parts.map((part) => ({ resource, part, conditions: part.conditions })),
  ],
});

function hasStatus({ conditions, parts }: ResourceState): boolean {
  return conditions.length + parts.length > 0;
}

/** As for `--name` and in references; kinds without a namespace have their name alone. */
function nameOf({ namespace, name }: ResourceState): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

function statusOf({ conditions }: StatusRow, type: string): string {
  return conditions.find((condition) => condition.type === type)?.status ?? '-';
}

/** Of the conditions that are not as they should be, each once. */
function textOf({ conditions }: StatusRow, text: (condition: ConditionInfo) => string): string {
  const texts = conditions.filter(isTrouble).map(text);
  return texts.length === 0 ? '-' : [...new Set(texts)].join('; ');
}

/** That something is the case is good news, but for these. */
const troubles: readonly string[] = [
  'Conflicted',
  'PartiallyInvalid',
  'InsecureFrontendValidationMode',
];

function isTrouble({ type, status }: ConditionInfo): boolean {
  return status !== (troubles.includes(type) ? 'False' : 'True');
}
