/** Finds the operator of a `%NAME(argument)%` in a format. */

import { hostname } from 'node:os';
import { err, ok, type Result } from '../base/result.ts';
import { wireFromUnicode } from '../base/wire-text.ts';
import type { FormatPurpose } from './format-purpose.ts';
import { formatGrpcStatus, type GrpcStatusSpelling } from './grpc-status.ts';
import { compileHeaderOperator, compileHeaderWithoutQuery } from './header-operators.ts';
import { compilePath, compileQueryParameter } from './path-operators.ts';
import { type Operator, simpleOperators, unsupportedOperators } from './simple-operators.ts';
import type { StreamInfo } from './stream-info.ts';
import { compileTimeFormat, createDefaultTimeFormatter, unknownConversion } from './time-format.ts';

type OperatorFactory = (
  argument: string | undefined,
  purpose: FormatPurpose,
) => Result<Operator, string>;

/** Operators with an argument, which may be optional. */
const factories: Readonly<Record<string, OperatorFactory>> = {
  REQ: (argument, purpose) => compileHeaderOperator('request', argument, purpose),
  REQ_WITHOUT_QUERY: (argument, purpose) => compileHeaderWithoutQuery(argument, purpose),
  RESP: (argument, purpose) => compileHeaderOperator('response', argument, purpose),
  TRAILER: (argument, purpose) => compileHeaderOperator('trailer', argument, purpose),
  PATH: compilePath,
  QUERY_PARAM: compileQueryParameter,
  START_TIME: (argument) => timeOperator(argument, (info) => info.startedWall),
  EMIT_TIME: (argument) => timeOperator(argument, endedWall),
  COMMON_DURATION: compileDuration,
  GRPC_STATUS: compileGrpcStatus,
  HOSTNAME: compileHostname,
  ENVIRONMENT: compileEnvironment,
};

export function findOperator(
  name: string,
  argument: string | undefined,
  purpose: FormatPurpose,
): Result<Operator, string> {
  const factory = factories[name];
  if (factory !== undefined) return factory(argument, purpose);
  // What Envoy has and this proxy has not may carry any argument.
  if (unsupportedOperators.includes(name)) return ok(() => null);
  const operator = simpleOperators[name];
  if (operator === undefined) return err('is no operator');
  return argument === undefined ? ok(operator) : err('takes no argument');
}

/** Every name that `findOperator` knows and that can have a value. */
export function operatorNames(): string[] {
  return [...Object.keys(factories), ...Object.keys(simpleOperators)].sort();
}

/** The name of the machine; in a pod that of the pod. */
function compileHostname(argument: string | undefined): Result<Operator, string> {
  if (argument !== undefined) return err('takes no argument');
  const name = wireFromUnicode(hostname());
  return ok(() => name);
}

/** Read once: the environment of a process does not change. `-` for what is not there, as Envoy. */
function compileEnvironment(argument = ''): Result<Operator, string> {
  if (argument === '') return err('expects the name of an environment variable');
  const value = wireFromUnicode(process.env[argument] ?? '-');
  return ok(() => value);
}

function endedWall(info: StreamInfo): number {
  return info.startedWall + Math.max(0, info.endedAt - info.startedAt);
}

function timeOperator(
  format: string | undefined,
  timeOf: (info: StreamInfo) => number,
): Result<Operator, string> {
  if (format === undefined || format === '') {
    const render = createDefaultTimeFormatter();
    return ok((info) => render(timeOf(info)));
  }
  const unknown = unknownConversion(format);
  if (unknown !== null) return err(`has the unknown time conversion ${unknown}`);
  const render = compileTimeFormat(format);
  return ok((info) => render(timeOf(info)));
}

/** Envoy's time points; NaN for what has not happened or is not recorded by this proxy. */
const timePoints: Readonly<Record<string, (info: StreamInfo) => number>> = {
  DS_RX_BEG: (info) => info.startedAt,
  DS_RX_END: (info) => info.requestEndAt || Number.NaN,
  US_CX_BEG: () => Number.NaN,
  US_CX_END: () => Number.NaN,
  US_HS_END: () => Number.NaN,
  US_TX_BEG: () => Number.NaN,
  US_TX_END: () => Number.NaN,
  US_RX_BEG: (info) => info.upstreamHeadAt || Number.NaN,
  US_RX_END: () => Number.NaN,
  DS_TX_BEG: () => Number.NaN,
  DS_TX_END: (info) => info.responseEndAt || Number.NaN,
};

const unitsPerMs: Readonly<Record<string, number>> = { ms: 1, us: 1_000, ns: 1_000_000 };

/** `start:end:unit`, for example `DS_RX_BEG:US_RX_BEG:us`. */
function compileDuration(argument = ''): Result<Operator, string> {
  const [startName = '', endName = '', unit = '', ...rest] = argument.split(':');
  const start = timePoints[startName];
  const end = timePoints[endName];
  const factor = unitsPerMs[unit];
  if (start === undefined || end === undefined || factor === undefined || rest.length > 0) {
    return err('expects start:end:unit with time points such as DS_RX_BEG and a unit ms, us or ns');
  }
  return ok((info) => {
    const elapsed = (end(info) - start(info)) * factor;
    return Number.isNaN(elapsed) ? null : Math.max(0, Math.floor(elapsed));
  });
}

const grpcSpellings: readonly GrpcStatusSpelling[] = ['CAMEL_STRING', 'SNAKE_STRING', 'NUMBER'];

function compileGrpcStatus(argument = 'CAMEL_STRING'): Result<Operator, string> {
  const spelling = grpcSpellings.find((name) => name === argument);
  if (spelling === undefined) return err(`expects one of ${grpcSpellings.join(', ')}`);
  return ok((info) =>
    info.grpcStatus === null ? null : formatGrpcStatus(info.grpcStatus, spelling),
  );
}
