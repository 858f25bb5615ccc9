/** Limits of the Bootstrap resource over the defaults of the model. */

import { parseByteSize } from '../../base/byte-size.ts';
import { parseDuration } from '../../base/duration.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { defaultLimits, type Limits } from '../../model/limits.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import type { BootstrapLimits } from '../schema/bootstrap-limits.ts';
import type { SettingsErrors } from './setting.ts';

interface Rule {
  readonly field: keyof BootstrapLimits;
  readonly unit: Unit;
  /** 0 where a limit can be switched off, or nothing kept. */
  readonly minimum: number;
}

interface Unit {
  parse(value: string | number): number | null;
  /** A value of this unit, as an example. */
  readonly example: string;
  shown(minimum: number): string;
}

const bytes: Unit = {
  parse: (value) => (typeof value === 'number' ? value : parseByteSize(value)),
  example: '65536, 64Ki or 1Mi',
  shown: (minimum) => String(minimum),
};

const count: Unit = {
  parse: (value) => Number(value),
  example: '100',
  shown: (minimum) => String(minimum),
};

const milliseconds: Unit = {
  parse: (value) => {
    const ms = parseDuration(String(value));
    return ms === null ? null : Math.ceil(ms);
  },
  example: '30s',
  shown: (minimum) => (minimum === 0 ? '0s' : `${minimum}ms`),
};

const rules: Readonly<Record<keyof Limits, Rule>> = {
  requestHeadBytes: { field: 'requestHeadBytes', unit: bytes, minimum: 1 },
  requestHeaderCount: { field: 'requestHeaderCount', unit: count, minimum: 1 },
  responseHeadBytes: { field: 'responseHeadBytes', unit: bytes, minimum: 1 },
  responseHeaderCount: { field: 'responseHeaderCount', unit: count, minimum: 1 },
  // The empty line behind the last chunk counts, so that with less no chunked body could end.
  trailerBytes: { field: 'trailerBytes', unit: bytes, minimum: 2 },
  chunkLineBytes: { field: 'chunkLineBytes', unit: bytes, minimum: 1 },
  tlsHandshakeTimeoutMs: { field: 'tlsHandshakeTimeout', unit: milliseconds, minimum: 1 },
  requestHeadTimeoutMs: { field: 'requestHeadTimeout', unit: milliseconds, minimum: 0 },
  downstreamIdleMs: { field: 'downstreamIdle', unit: milliseconds, minimum: 1 },
  streamIdleMs: { field: 'streamIdle', unit: milliseconds, minimum: 0 },
  // A socket with less than this queued does not tell that it has drained.
  streamBufferBytes: { field: 'streamBufferBytes', unit: bytes, minimum: 16_384 },
  http2ConnectionBufferBytes: {
    field: 'http2ConnectionBufferBytes',
    unit: bytes,
    minimum: 16_384,
  },
  mirrorTimeoutMs: { field: 'mirrorTimeout', unit: milliseconds, minimum: 1 },
  mirrorBufferBytes: { field: 'mirrorBufferBytes', unit: bytes, minimum: 16_384 },
  retryBufferBytes: { field: 'retryBufferBytes', unit: bytes, minimum: 0 },
  pipelineBufferBytes: { field: 'pipelineBufferBytes', unit: bytes, minimum: 0 },
  requestsPerTurn: { field: 'requestsPerTurn', unit: count, minimum: 1 },
  framesPerTurn: { field: 'framesPerTurn', unit: count, minimum: 1 },
  inspectionBytes: { field: 'inspectionBytes', unit: bytes, minimum: 1 },
  connectionsPerListener: { field: 'connectionsPerListener', unit: count, minimum: 1 },
  destinationsPerCluster: { field: 'destinationsPerCluster', unit: count, minimum: 1 },
  clientsPerEndpoint: { field: 'clientsPerEndpoint', unit: count, minimum: 1 },
  clientsPerRateLimit: { field: 'clientsPerRateLimit', unit: count, minimum: 1 },
  serverNamesPerEndpoint: { field: 'serverNamesPerEndpoint', unit: count, minimum: 1 },
  informationalCount: { field: 'informationalCount', unit: count, minimum: 1 },
  discardBytes: { field: 'discardBytes', unit: bytes, minimum: 0 },
  discardMs: { field: 'discard', unit: milliseconds, minimum: 1 },
  peerIdleMarginMs: { field: 'peerIdleMargin', unit: milliseconds, minimum: 0 },
  tunnelLingerMs: { field: 'tunnelLinger', unit: milliseconds, minimum: 1 },
  closeLingerMs: { field: 'closeLinger', unit: milliseconds, minimum: 1 },
  slowReaderMs: { field: 'slowReader', unit: milliseconds, minimum: 1 },
};

/** What fits into 31 bits: 24 days, or 2 GiB. Timers and buffers of Node end there. */
const maximum = 2 ** 31 - 1;

export function mergeLimits(spec: BootstrapSpec, errors: SettingsErrors): Limits {
  const limits: Record<keyof Limits, number> = { ...defaultLimits };
  for (const name of Object.keys(rules) as (keyof Limits)[]) {
    const rule = rules[name];
    const value = spec.limits?.[rule.field];
    if (value === undefined) continue;
    const setting = { flag: '', path: ['limits', rule.field], from: 'bootstrap', value } as const;
    limits[name] = errors.parse(setting, (given) => parseLimit(given, rule)) ?? limits[name];
  }
  return limits;
}

function parseLimit(value: string | number, rule: Rule): Result<number, string> {
  const { field, unit, minimum } = rule;
  const parsed = unit.parse(value);
  if (parsed === null) return err(`${field} cannot be "${value}": write it like ${unit.example}`);
  if (parsed < minimum) return err(`${field} must be ${unit.shown(minimum)} or more, not ${value}`);
  if (parsed > maximum) return err(`${field} is too large: ${value}`);
  return ok(parsed);
}
