/** A toxic of a ToxicPolicy in the model's words. */

import { parseByteSize } from '../../../base/byte-size.ts';
import { parseDuration } from '../../../base/duration.ts';
import type { LatencyDistribution, Toxic, ToxicEffect } from '../../../model/toxic.ts';
import type { Path } from '../../problem.ts';
import { originOf, type Resource } from '../../resource.ts';
import type { FirstByteLatency, Toxic as ToxicSpec } from '../../schema/toxic-policy.ts';
import { everyRequest, perMillion } from '../percentage.ts';
import { headerMatches } from './route-match.ts';

/** Where a distribution without an end has none of its own. */
const longestLatencyMs = 60_000;

/** null for one that concerns no request at all. */
export function translateToxic(
  toxic: ToxicSpec,
  resource: Resource<string, unknown>,
  path: Path,
): Toxic | null {
  const percentage = toxic.percentage === undefined ? everyRequest : perMillion(toxic.percentage);
  const effects = [...translateEffects(toxic)];
  if (percentage === 0 || effects.length === 0) return null;
  return {
    percentage,
    headers: headerMatches(toxic.match?.headers, false),
    effects,
    origin: originOf(resource, path),
  };
}

function* translateEffects(toxic: ToxicSpec): Generator<ToxicEffect> {
  const { firstByteLatency, bandwidthLimit, slowUpload, cutBody, resetConnection } = toxic;
  const distribution = firstByteLatency === undefined ? null : translateLatency(firstByteLatency);
  if (distribution !== null) yield { kind: 'first-byte-latency', distribution };
  if (bandwidthLimit !== undefined) {
    yield { kind: 'bandwidth-limit', bytesPerSecond: bytes(bandwidthLimit.bytesPerSecond) };
  }
  if (slowUpload !== undefined) {
    yield { kind: 'slow-upload', bytesPerSecond: bytes(slowUpload.bytesPerSecond) };
  }
  if (cutBody !== undefined) yield { kind: 'cut-body', afterBytes: bytes(cutBody.afterBytes) };
  if (resetConnection !== undefined) {
    const { afterBytes } = resetConnection;
    yield {
      kind: 'reset-connection',
      afterBytes: afterBytes === undefined ? null : bytes(afterBytes),
    };
  }
}

function translateLatency(latency: FirstByteLatency): LatencyDistribution | null {
  const { fixed, uniform, normal, exponential, pareto } = latency;
  if (fixed !== undefined) return { kind: 'fixed', fixedMs: milliseconds(fixed) };
  if (uniform !== undefined) {
    const { min, max } = uniform;
    return { kind: 'uniform', minMs: milliseconds(min), maxMs: milliseconds(max) };
  }
  if (normal !== undefined) {
    const { mean, stdDev, max } = normal;
    return {
      kind: 'normal',
      meanMs: milliseconds(mean),
      stdDevMs: milliseconds(stdDev),
      maxMs: longest(max),
    };
  }
  if (exponential !== undefined) {
    const { mean, max } = exponential;
    return { kind: 'exponential', meanMs: milliseconds(mean), maxMs: longest(max) };
  }
  if (pareto === undefined) return null;
  const { min, shape, max } = pareto;
  return { kind: 'pareto', minMs: milliseconds(min), shape, maxMs: longest(max) };
}

/** Validation has refused what cannot be read. */
function milliseconds(text: string): number {
  return parseDuration(text) ?? 0;
}

function longest(text: string | undefined): number {
  return text === undefined ? longestLatencyMs : milliseconds(text);
}

function bytes(size: number | string): number {
  return typeof size === 'number' ? size : (parseByteSize(size) ?? 0);
}
