/** What `sluice diff` does: reads both configurations, compares them, prints what differs. */

import { CommanderError } from 'commander';
import { compareMeshes } from '../diff/compare-meshes.ts';
import type { ModelDifference } from '../diff/difference.ts';
import { type IgnoreRule, parseIgnoreRule, withoutIgnored } from '../diff/ignore-rules.ts';
import { usesColor } from './color.ts';
import type { DiffFlags } from './diff.ts';
import { renderDifferenceMarkdown } from './diff-markdown.ts';
import { readSide } from './diff-side.ts';
import { renderDifference } from './diff-text.ts';
import { exitCode } from './exit-code.ts';
import { fail } from './say.ts';

export async function diff(before: string, after: string, flags: DiffFlags): Promise<number> {
  const rules = (flags.ignore ?? []).map(readRule);
  if (before === '-' && after === '-') throw wrongUsage('standard input can be only one of both');
  const old = await readSide(before, flags);
  if (!old.ok) return fail(old.error);
  const now = await readSide(after, flags);
  if (!now.ok) return fail(now.error);
  const found = withoutIgnored(compareMeshes(old.value, now.value), rules);
  process.stdout.write(rendered(found, flags.output));
  const isSame = found.regions.length === 0 && found.others.length === 0;
  return isSame ? exitCode.ok : exitCode.failure;
}

function rendered(found: ModelDifference, output: DiffFlags['output']): string {
  if (output === 'json') return `${JSON.stringify(found, null, 2)}\n`;
  if (output === 'markdown') return renderDifferenceMarkdown(found);
  return renderDifference(found, usesColor());
}

function readRule(text: string): IgnoreRule {
  const rule = parseIgnoreRule(text);
  if (!rule.ok) throw wrongUsage(`--ignore: ${rule.error}`);
  return rule.value;
}

function wrongUsage(message: string): CommanderError {
  return new CommanderError(exitCode.usage, 'commander.invalidArgument', message);
}
