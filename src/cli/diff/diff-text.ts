/** A comparison of two configurations for people at a terminal. */

import type { ConnectionRegion } from '../../diff/connection-difference.ts';
import type {
  ExampleRequest,
  ModelDifference,
  Region,
  RejectedReference,
  RouteReference,
  StructuralDifference,
  Way,
} from '../../diff/difference.ts';
import type { FieldDifference } from '../../diff/different-treatment.ts';
import { type Paint, painter } from '../output/color.ts';
import { printable } from '../output/printable.ts';
import { connectionsText, connectionWayText, exampleConnectionText } from './diff-connections.ts';

const shownHosts = 3;

export function renderDifference(difference: ModelDifference, color: boolean): string {
  const paint = painter(color);
  const found = withPrintableTexts(difference);
  const blocks = [
    ...found.regions.map((region, index) => regionBlock(region, index + 1, paint)),
    ...found.connections.map((region, index) =>
      connectionBlock(region, found.regions.length + index + 1, paint),
    ),
    ...found.others.map((other) => otherBlock(other, paint)),
    ...found.notes.map((note) => `note: ${note}`),
    summary(found),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Before anything is painted: colours are control characters, too. */
function withPrintableTexts(difference: ModelDifference): ModelDifference {
  return JSON.parse(JSON.stringify(difference), (_key, value: unknown) =>
    typeof value === 'string' ? printable(value) : value,
  );
}

export function summary(found: ModelDifference): string {
  if (isSame(found)) return 'No request is treated differently.';
  if (isUnchanged(found)) return 'No difference was found; see the notes.';
  const { regions, connections, others } = found;
  const groups = [
    ...(regions.length === 0 ? [] : [`${counted(regions.length, 'group')} of requests`]),
    ...(connections.length === 0 ? [] : [`${counted(connections.length, 'group')} of connections`]),
  ];
  const treated = groups.length === 0 ? [] : [`${groups.join(', ')} treated differently`];
  const rest = others.length === 0 ? [] : [counted(others.length, 'other difference')];
  return `${[...treated, ...rest].join('; ')}.`;
}

/** For certain: a note is about what may differ. */
export function isSame(found: ModelDifference): boolean {
  return isUnchanged(found) && found.notes.length === 0;
}

function isUnchanged({ regions, connections, others }: ModelDifference): boolean {
  return regions.length + connections.length + others.length === 0;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** `hosts a, b and 3 more; path prefix "/foo"`. */
export function whereText({ hosts, tables, conditions }: Region): string {
  const shown = hosts.slice(0, shownHosts).join(', ') || 'any other host';
  const more = hosts.length > shownHosts ? ` and ${hosts.length - shownHosts} more` : '';
  const host = `${shown}${more} (${tables.join(', ')})`;
  return [host, ...conditions].join('; ');
}

export function exampleText({ method, url, headers }: ExampleRequest): string {
  const lines = headers.map(([name, value]) => ` -H ${quoted(`${name}: ${value}`)}`);
  return `${method} ${url}${lines.join('')}`;
}

export function wayText({ route, outcome }: Way): string {
  if (route === null) return outcome;
  const name = route.name === '' ? numberText(route) : `"${route.name}"`;
  const place = route.place === '' ? '' : `, ${route.place}`;
  return `${outcome} by route ${name} of ${route.virtualHost}${place}`;
}

export function rejectedTexts({ route, rejected, passedOver }: Way): string[] {
  const others = passedOver === 1 ? '1 other route' : `${passedOver} other routes`;
  const more = passedOver > 0 ? [`not by ${others}${route === null ? '' : ' before it'}`] : [];
  return [...rejected.map(rejectedText), ...more];
}

function rejectedText({ route, mismatches }: RejectedReference): string {
  const reasons = mismatches.map(({ part, name, expected, actual }) => {
    const what = name.startsWith(':') ? name.slice(1) : `${part} ${name}`.trim();
    const has = actual === null ? 'has none' : `has ${actual.map((one) => `"${one}"`).join(', ')}`;
    return `${what} ${expected}, the request ${has}`;
  });
  const name = route.name === '' ? '' : ` "${route.name}"`;
  return `not by route ${numberText(route)}${name}: ${reasons.join('; ')}`;
}

/** As `sluice explain` counts them. */
function numberText({ position }: RouteReference): string {
  return `#${position + 1}`;
}

function regionBlock(region: Region, number: number, paint: Paint): string {
  const { differences, example, old, new: now } = region;
  return [
    paint('bold', `${number}. ${whereText(region)}`),
    ...fieldLines(differences, paint),
    `   example: ${paint('cyan', exampleText(example))}`,
    `   old: ${wayText(old)}`,
    ...rejectedTexts(old).map((text) => paint('dim', `        ${text}`)),
    `   new: ${wayText(now)}`,
    ...rejectedTexts(now).map((text) => paint('dim', `        ${text}`)),
  ].join('\n');
}

function connectionBlock(region: ConnectionRegion, number: number, paint: Paint): string {
  const { differences, example, old, new: now } = region;
  return [
    paint('bold', `${number}. ${connectionsText(region)}`),
    ...fieldLines(differences, paint),
    `   example: ${paint('cyan', exampleConnectionText(example))}`,
    `   old: ${connectionWayText(old)}`,
    `   new: ${connectionWayText(now)}`,
  ].join('\n');
}

function otherBlock({ kind, name, change, differences }: StructuralDifference, paint: Paint) {
  const head = paint('bold', `${kind} ${name}: ${change}`);
  return [head, ...fieldLines(differences, paint)].join('\n');
}

function fieldLines(differences: readonly FieldDifference[], paint: Paint): string[] {
  return differences.flatMap(({ field, old, new: now }) => [
    `   ${field}`,
    paint('red', `     - ${old}`),
    paint('green', `     + ${now}`),
  ]);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
