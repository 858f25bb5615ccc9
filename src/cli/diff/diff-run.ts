/** What `sluice diff` does: reads both configurations, compares them, prints what differs. */

import { compareMeshes } from '../../diff/compare-meshes.ts';
import type { ModelDifference } from '../../diff/difference.ts';
import { type IgnoreRule, parseIgnoreRule, withoutIgnored } from '../../diff/ignore-rules.ts';
import type { Mesh } from '../../model/mesh.ts';
import { FileSource } from '../../sources/file.ts';
import { exitCode } from '../exit-code.ts';
import { usageError } from '../options/usage-error.ts';
import { usesColor } from '../output/color.ts';
import { say } from '../output/say.ts';
import type { DiffFlags } from './diff.ts';
import { renderDifferenceMarkdown } from './diff-markdown.ts';
import { readSide } from './diff-side.ts';
import { isSame, renderDifference } from './diff-text.ts';

export async function diff(before: string, after: string, flags: DiffFlags): Promise<number> {
  const rules = (flags.ignore ?? []).map(readRule);
  const { file = [] } = flags;
  if ([before, after, ...file].filter((place) => place === '-').length > 1) {
    throw usageError('standard input can be read once: "-" is given more than once');
  }
  // Once for both sides: standard input has nothing for a second reader.
  const common = await new FileSource(file).read();
  const old = await readSide(before, common, flags);
  if (!old.ok) return cannotCompare(old.error);
  const now = await readSide(after, common, flags);
  if (!now.ok) return cannotCompare(now.error);
  const ignoresPlaces = old.value.isRunning || now.value.isRunning;
  const [from, to] = [old.value, now.value].map(({ mesh }) =>
    ignoresPlaces ? withoutPlaces(mesh) : mesh,
  ) as [Mesh, Mesh];
  const [gone, goneNow] = [old.value.missingSecrets, now.value.missingSecrets];
  const missing = gone === null || goneNow === null ? undefined : ([gone, goneNow] as const);
  const found = withoutIgnored(compareMeshes(from, to, missing), rules);
  process.stdout.write(rendered(found, flags.output));
  return isSame(found) ? exitCode.ok : exitCode.failure;
}

/** As `diff` of POSIX: 1 is a difference, which scripts let pass, so that trouble is no 1. */
function cannotCompare(why: string): number {
  say(why);
  return exitCode.usage;
}

/** Where listeners are bound is settled when a proxy starts, by its flags and privileges. */
function withoutPlaces(mesh: Mesh): Mesh {
  return {
    ...mesh,
    listeners: mesh.listeners.map((listener) => ({ ...listener, address: '', port: 0 })),
  };
}

function rendered(found: ModelDifference, output: DiffFlags['output']): string {
  if (output === 'json') return `${JSON.stringify(found, null, 2)}\n`;
  if (output === 'markdown') return renderDifferenceMarkdown(found);
  return renderDifference(found, usesColor());
}

function readRule(text: string): IgnoreRule {
  const rule = parseIgnoreRule(text);
  if (!rule.ok) throw usageError(`--ignore: ${rule.error}`);
  return rule.value;
}
