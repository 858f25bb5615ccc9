/** ToxicPolicy: targets, sizes, times, and that each toxic does something. */

import { parseByteSize } from '../../base/byte-size.ts';
import { parseDuration } from '../../base/duration.ts';
import type { Path, Problems } from '../problem.ts';
import type {
  FirstByteLatency,
  Toxic,
  ToxicPolicySpec,
  ToxicTarget,
} from '../schema/toxic-policy.ts';
import { checkMatchedHeader } from './headers.ts';
import { checkDuration, checkPercent, checkStringMatch } from './values.ts';

export function checkToxicPolicy(spec: ToxicPolicySpec, problems: Problems): void {
  checkTargets(spec.targetRefs, ['spec', 'targetRefs'], problems);
  if (spec.toxics.length === 0) problems.invalid(['spec', 'toxics'], 'the policy has no toxics');
  for (const [index, toxic] of spec.toxics.entries()) {
    const path = ['spec', 'toxics', index];
    checkCondition(toxic, path, problems);
    checkEffects(toxic, path, problems);
  }
}

function checkTargets(targets: readonly ToxicTarget[], path: Path, problems: Problems): void {
  if (targets.length === 0) problems.invalid(path, 'the policy has no target');
  const seen = new Set<string>();
  for (const [index, { name, sectionName = '' }] of targets.entries()) {
    const target = `${name}/${sectionName}`;
    if (name === '') problems.invalid([...path, index, 'name'], 'the name must not be empty');
    if (seen.has(target)) problems.invalid([...path, index], 'the target is listed twice');
    seen.add(target);
  }
}

function checkCondition({ percentage, match }: Toxic, path: Path, problems: Problems): void {
  checkPercent(percentage?.value, [...path, 'percentage', 'value'], problems);
  if (percentage !== undefined && (percentage.value ?? 0) === 0) {
    problems.doubtful([...path, 'percentage'], 'the percentage is 0, so that nothing happens');
  }
  for (const [name, value] of Object.entries(match?.headers ?? {})) {
    const place = [...path, 'match', 'headers', name];
    checkMatchedHeader(name, place, problems);
    checkStringMatch(value, place, problems);
  }
}

const effects = [
  'firstByteLatency',
  'bandwidthLimit',
  'slowUpload',
  'cutBody',
  'resetConnection',
] as const satisfies readonly (keyof Toxic)[];

function checkEffects(toxic: Toxic, path: Path, problems: Problems): void {
  if (effects.every((effect) => toxic[effect] === undefined)) {
    problems.invalid(path, 'the toxic does nothing', `set one or more of ${effects.join(', ')}`);
  }
  const { firstByteLatency, bandwidthLimit, slowUpload, cutBody, resetConnection } = toxic;
  if (firstByteLatency !== undefined) {
    checkLatency(firstByteLatency, [...path, 'firstByteLatency'], problems);
  }
  const sizes = [
    ['bandwidthLimit', 'bytesPerSecond', bandwidthLimit?.bytesPerSecond, 1],
    ['slowUpload', 'bytesPerSecond', slowUpload?.bytesPerSecond, 1],
    ['cutBody', 'afterBytes', cutBody?.afterBytes, 0],
    ['resetConnection', 'afterBytes', resetConnection?.afterBytes, 0],
  ] as const;
  for (const [effect, field, size, minimum] of sizes) {
    if (size !== undefined) checkSize(size, minimum, { path: [...path, effect, field], problems });
  }
}

interface Place {
  readonly path: Path;
  readonly problems: Problems;
}

function checkSize(size: number | string, minimum: number, { path, problems }: Place): void {
  const bytes = typeof size === 'number' ? size : parseByteSize(size);
  if (bytes === null) {
    problems.invalid(path, `"${size}" is not a number of bytes`, 'write it like 4096, 64Ki or 1Mi');
  } else if (bytes < minimum) {
    problems.invalid(path, `the number of bytes must be ${minimum} or more, not ${size}`);
  }
}

function checkLatency(latency: FirstByteLatency, path: Path, problems: Problems): void {
  const { fixed, uniform, normal, exponential, pareto } = latency;
  checkDuration(fixed, [...path, 'fixed'], problems);
  if (uniform !== undefined) {
    checkNotBelowZero(uniform.min, [...path, 'uniform', 'min'], problems);
    checkRange(uniform.min, uniform.max, { path: [...path, 'uniform', 'max'], problems });
  } else if (normal !== undefined) {
    checkNotBelowZero(normal.mean, [...path, 'normal', 'mean'], problems);
    checkDuration(normal.stdDev, [...path, 'normal', 'stdDev'], problems);
    checkDuration(normal.max, [...path, 'normal', 'max'], problems);
  } else if (exponential !== undefined) {
    checkDuration(exponential.mean, [...path, 'exponential', 'mean'], problems);
    checkDuration(exponential.max, [...path, 'exponential', 'max'], problems);
  } else if (pareto !== undefined) {
    checkDuration(pareto.min, [...path, 'pareto', 'min'], problems);
    if (pareto.shape <= 0) {
      problems.invalid([...path, 'pareto', 'shape'], 'the shape must be more than 0');
    }
    const place = { path: [...path, 'pareto', 'max'], problems };
    if (pareto.max !== undefined) checkRange(pareto.min, pareto.max, place);
  } else if (fixed === undefined) {
    const hint = 'set fixed, uniform, normal, exponential or pareto';
    problems.invalid(path, 'the latency has no distribution', hint);
  }
}

function checkNotBelowZero(text: string, path: Path, problems: Problems): void {
  if ((parseDuration(text) ?? 0) < 0) {
    problems.invalid(path, `the duration ${text} must not be negative`);
  }
}

function checkRange(min: string, max: string, { path, problems }: Place): void {
  checkDuration(max, path, problems);
  if ((parseDuration(max) ?? 0) < (parseDuration(min) ?? 0)) {
    problems.invalid(path, `the longest time, ${max}, is below the shortest one, ${min}`);
  }
}
