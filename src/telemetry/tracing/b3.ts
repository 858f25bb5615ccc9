/** The headers of B3 propagation (Zipkin), in one line or in several. */

import { ownValue } from '../../base/own-value.ts';
import type { HeaderList } from '../../http1/header-list.ts';

/** `defer` leaves the decision to whoever comes next. */
export type Sampling = 'accept' | 'deny' | 'debug' | 'defer';

export interface B3Context {
  /** 16 or 32 lower-case digits. null: only a decision about sampling came. */
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly parentSpanId: string | null;
  readonly sampling: Sampling;
}

/** `absent` is no header of that form; `invalid` is one that must not be continued. */
export type B3Reading = B3Context | 'absent' | 'invalid';

const singlePattern =
  /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d]))?(?:-([0-9a-f]{16}))?$/;
const samplingOf: Readonly<Record<string, Sampling>> = { '0': 'deny', '1': 'accept', d: 'debug' };
const allZero = /^0+$/;

/** `b3: {trace}-{span}-{sampling}-{parent}`, the last two optional, or sampling alone. */
export function readB3Single(headers: HeaderList): B3Reading {
  const value = headers.get('b3')?.trim().toLowerCase();
  if (value === undefined) return 'absent';
  const alone = ownValue(samplingOf, value);
  if (alone !== undefined) return samplingOnly(alone);
  const found = singlePattern.exec(value);
  if (found === null) return 'invalid';
  const [, traceId = '', spanId = '', flag, parentSpanId = null] = found;
  if (allZero.test(traceId) || allZero.test(spanId)) return 'invalid';
  const sampling = flag === undefined ? 'defer' : (samplingOf[flag] as Sampling);
  return { traceId, spanId, parentSpanId, sampling };
}

const traceIdPattern = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/;
const spanIdPattern = /^[0-9a-f]{16}$/;

/** `x-b3-traceid` and its companions. Of repeated lines the first counts. */
export function readB3Multi(headers: HeaderList): B3Reading {
  const sampling = readMultiSampling(headers);
  const traceId = headers.get('x-b3-traceid')?.trim().toLowerCase();
  const spanId = headers.get('x-b3-spanid')?.trim().toLowerCase();
  if (traceId === undefined && spanId === undefined) {
    return sampling === 'absent' || sampling === 'invalid' ? sampling : samplingOnly(sampling);
  }
  if (sampling === 'invalid' || !isId(traceId, traceIdPattern) || !isId(spanId, spanIdPattern)) {
    return 'invalid';
  }
  const parentSpanId = headers.get('x-b3-parentspanid')?.trim().toLowerCase() ?? null;
  if (parentSpanId !== null && !spanIdPattern.test(parentSpanId)) return 'invalid';
  return { traceId, spanId, parentSpanId, sampling: sampling === 'absent' ? 'defer' : sampling };
}

function isId(value: string | undefined, pattern: RegExp): value is string {
  return value !== undefined && pattern.test(value) && !allZero.test(value);
}

function samplingOnly(sampling: Sampling): B3Context {
  return { traceId: null, spanId: null, parentSpanId: null, sampling };
}

/** `true` and `false` come from old senders. */
const multiSamplingOf: Readonly<Record<string, Sampling>> = {
  '0': 'deny',
  '1': 'accept',
  false: 'deny',
  true: 'accept',
};

function readMultiSampling(headers: HeaderList): Sampling | 'absent' | 'invalid' {
  // The debug flag implies acceptance and stands above x-b3-sampled.
  if (headers.get('x-b3-flags')?.trim() === '1') return 'debug';
  const sampled = headers.get('x-b3-sampled')?.trim().toLowerCase();
  return sampled === undefined ? 'absent' : (ownValue(multiSamplingOf, sampled) ?? 'invalid');
}

/** A context with ids, as it goes out. */
export interface B3Ids {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly sampling: Sampling;
}

const singleFlagOf: Readonly<Record<Sampling, string>> = {
  accept: '-1',
  deny: '-0',
  debug: '-d',
  defer: '',
};

export function writeB3Single(headers: HeaderList, ids: B3Ids): void {
  const flag = singleFlagOf[ids.sampling];
  // Without a decision there is no place for the parent.
  const parent = ids.parentSpanId === null || flag === '' ? '' : `-${ids.parentSpanId}`;
  headers.set('b3', `${ids.traceId}-${ids.spanId}${flag}${parent}`);
}

export function writeB3Multi(headers: HeaderList, ids: B3Ids): void {
  headers.set('x-b3-traceid', ids.traceId);
  headers.set('x-b3-spanid', ids.spanId);
  setOrRemove(headers, 'x-b3-parentspanid', ids.parentSpanId);
  // Debug implies acceptance, which must not be said twice.
  setOrRemove(headers, 'x-b3-flags', ids.sampling === 'debug' ? '1' : null);
  const { sampling } = ids;
  const sampled = sampling === 'accept' ? '1' : sampling === 'deny' ? '0' : null;
  setOrRemove(headers, 'x-b3-sampled', sampled);
}

function setOrRemove(headers: HeaderList, name: string, value: string | null): void {
  if (value !== null) headers.set(name, value);
  else if (headers.has(name)) headers.remove(name);
}
