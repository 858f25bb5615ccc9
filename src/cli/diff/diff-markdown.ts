/** A comparison of two configurations for a pull request. */

import type { ConnectionRegion } from '../../diff/connection-difference.ts';
import type { ModelDifference, Region, StructuralDifference, Way } from '../../diff/difference.ts';
import type { FieldDifference } from '../../diff/different-treatment.ts';
import { printable } from '../output/printable.ts';
import { connectionsText, connectionWayText, exampleConnectionText } from './diff-connections.ts';
import { exampleText, rejectedTexts, summary, wayText, whereText } from './diff-text.ts';

export function renderDifferenceMarkdown(found: ModelDifference): string {
  const blocks = [
    `### Routing differences\n\n${escaped(summary(found))}`,
    ...found.regions.map((region, index) => regionBlock(region, index + 1)),
    ...found.connections.map((region, index) =>
      connectionBlock(region, found.regions.length + index + 1),
    ),
    ...found.others.map(otherBlock),
    ...found.notes.map((note) => `> ${escaped(note)}`),
  ];
  return printable(`${blocks.join('\n\n')}\n`);
}

function regionBlock(region: Region, number: number): string {
  return [
    `#### ${number}. ${escaped(whereText(region))}`,
    table(region.differences),
    `Example: ${code(exampleText(region.example))}`,
    '<details><summary>Why</summary>',
    [...wayLines('old', region.old), ...wayLines('new', region.new)].join('\n'),
    '</details>',
  ].join('\n\n');
}

function connectionBlock(region: ConnectionRegion, number: number): string {
  return [
    `#### ${number}. ${escaped(connectionsText(region))}`,
    table(region.differences),
    `Example: ${code(exampleConnectionText(region.example))}`,
    [
      `- old: ${escaped(connectionWayText(region.old))}`,
      `- new: ${escaped(connectionWayText(region.new))}`,
    ].join('\n'),
  ].join('\n\n');
}

function otherBlock({ kind, name, change, differences }: StructuralDifference): string {
  const head = `#### ${kind} ${escaped(name)}: ${change}`;
  return differences.length === 0 ? head : `${head}\n\n${table(differences)}`;
}

function table(differences: readonly FieldDifference[]): string {
  const rows = differences.map(({ field, old, new: now }) => {
    return `| ${escaped(field)} | ${code(old)} | ${code(now)} |`;
  });
  return ['| | old | new |', '|---|---|---|', ...rows].join('\n');
}

function wayLines(side: string, way: Way): string[] {
  return [
    `- ${side}: ${escaped(wayText(way))}`,
    ...rejectedTexts(way).map((text) => `  - ${escaped(text)}`),
  ];
}

/** Also inside a table, where a bar would end the cell. */
function code(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
  const fence = flat.includes('`') ? '``' : '`';
  return `${fence}${flat}${fence}`;
}

function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]<>|#]/g, '\\$&');
}
