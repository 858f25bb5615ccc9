/** Finds the operator of a `%NAME(argument)%` in a format. */

import { hostname } from 'node:os';
import { ownValue } from '../../base/own-value.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { wireFromUnicode } from '../../base/wire-text.ts';
import { formatGrpcStatus, type GrpcStatusSpelling } from '../grpc-status.ts';
import type { StreamInfo } from '../stream-info.ts';
import { hostOperators } from './address-operators.ts';
import { compileCelOperator, compileTypedCelOperator } from './cel-operators.ts';
import { parseCoalesce } from './coalesce.ts';
import type { FormatPurpose } from './format-purpose.ts';
import { compileHeaderOperator, compileHeaderWithoutQuery } from './header-operators.ts';
import type { Operator, OperatorFactory } from './operator.ts';
import { compilePath, compileQueryParameter, compileQueryParameters } from './path-operators.ts';
import { compileServerName } from './server-name-operator.ts';
import { simpleOperators, unsupportedOperators } from './simple-operators.ts';
import type { TimeZone } from './time-conversions.ts';
import { timeFormatter } from './time-format.ts';
import { validityOperators } from './tls-operators.ts';

const request: OperatorFactory = (argument, purpose) =>
  compileHeaderOperator('request', argument, purpose);
const response: OperatorFactory = (argument, purpose) =>
  compileHeaderOperator('response', argument, purpose);
const trailer: OperatorFactory = (argument, purpose) =>
  compileHeaderOperator('trailer', argument, purpose);

/** Operators with an argument, which may be optional. */
const factories: Readonly<Record<string, OperatorFactory>> = {
  REQ: request,
  REQUEST_HEADER: request,
  REQ_WITHOUT_QUERY: (argument, purpose) => compileHeaderWithoutQuery(argument, purpose),
  RESP: response,
  RESPONSE_HEADER: response,
  TRAILER: trailer,
  RESPONSE_TRAILER: trailer,
  PATH: compilePath,
  QUERY_PARAM: compileQueryParameter,
  QUERY_PARAMS: compileQueryParameters,
  REQUESTED_SERVER_NAME: compileServerName,
  RESPONSE_CODE_DETAILS: compileDetails,
  START_TIME: (argument) => timeOperator(argument, 'utc', (info) => info.startedWall),
  START_TIME_LOCAL: (argument) => timeOperator(argument, 'local', (info) => info.startedWall),
  EMIT_TIME: (argument) => timeOperator(argument, 'utc', endedWall),
  EMIT_TIME_LOCAL: (argument) => timeOperator(argument, 'local', endedWall),
  COMMON_DURATION: compileDuration,
  GRPC_STATUS: compileGrpcStatus,
  HOSTNAME: compileHostname,
  ENVIRONMENT: compileEnvironment,
  CEL: compileCelOperator,
  TYPED_CEL: compileTypedCelOperator,
  COALESCE: compileCoalesce,
  ...hostOperators,
  ...validityOperators,
};

export function findOperator(
  name: string,
  argument: string | undefined,
  purpose: FormatPurpose,
): Result<Operator, string> {
  const factory = ownValue(factories, name);
  if (factory !== undefined) return factory(argument, purpose);
  // What Envoy has and this proxy has not may carry any argument.
  if (unsupportedOperators.includes(name)) return ok(() => null);
  const operator = ownValue(simpleOperators, name);
  if (operator === undefined) return err('is no operator');
  return argument === undefined || argument === '' ? ok(operator) : err('takes no argument');
}

/** Those whose text Envoy cuts where a length is given. */
const withLength: ReadonlySet<string> = new Set([
  ...['REQ', 'REQUEST_HEADER', 'REQ_WITHOUT_QUERY', 'RESP', 'RESPONSE_HEADER'],
  ...['TRAILER', 'RESPONSE_TRAILER', 'PATH', 'QUERY_PARAM', 'QUERY_PARAMS', 'ENVIRONMENT'],
  ...['CEL', 'TYPED_CEL', 'COALESCE'],
  ...['METADATA', 'DYNAMIC_METADATA', 'FILTER_STATE', 'UPSTREAM_FILTER_STATE'],
]);

/** Envoy refuses a length, as in `%REQ(X):10%`, with all others. */
export function takesLength(name: string): boolean {
  return withLength.has(name);
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
  zone: TimeZone,
  timeOf: (info: StreamInfo) => number,
): Result<Operator, string> {
  const render = timeFormatter(format, zone);
  return render.ok ? ok((info) => render.value(timeOf(info))) : render;
}

/** Blanks become `_`, so that a text line keeps its columns. */
function compileDetails(argument = ''): Result<Operator, string> {
  if (argument === 'ALLOW_WHITESPACES')
    return ok(({ details }) => (details === '' ? null : details));
  if (argument !== '') return err('expects ALLOW_WHITESPACES or nothing');
  return ok(({ details }) => {
    if (details === '') return null;
    return details.includes(' ') ? details.replaceAll(' ', '_') : details;
  });
}

/** Envoy's time points; NaN for what has not happened or is not recorded by this proxy. */
const timePoints: Readonly<Record<string, (info: StreamInfo) => number>> = {
  DS_RX_BEG: (info) => info.startedAt,
  DS_RX_END: (info) => info.requestEndAt || Number.NaN,
  US_CX_BEG: () => Number.NaN,
  US_CX_END: () => Number.NaN,
  US_HS_END: () => Number.NaN,
  US_TX_BEG: () => Number.NaN,
  US_TX_END: (info) => info.upstreamRequestEndAt || Number.NaN,
  US_RX_BEG: (info) => info.upstreamHeadAt || Number.NaN,
  US_RX_BODY_BEG: () => Number.NaN,
  US_RX_END: (info) => info.upstreamEndAt || Number.NaN,
  DS_CX_BEG: (info) => (info.protocol === '' ? info.startedAt : Number.NaN),
  DS_CX_END: (info) => (info.protocol === '' ? info.endedAt : Number.NaN),
  DS_TX_BEG: () => Number.NaN,
  DS_TX_END: (info) => info.responseEndAt || Number.NaN,
};

const unitsPerMs: Readonly<Record<string, number>> = { ms: 1, us: 1_000, ns: 1_000_000 };

/** `start:end:unit`, for example `DS_RX_BEG:US_RX_BEG:us`. */
function compileDuration(argument = ''): Result<Operator, string> {
  const [startName = '', endName = '', unit = '', ...rest] = argument.split(':');
  const start = ownValue(timePoints, startName);
  const end = ownValue(timePoints, endName);
  const factor = ownValue(unitsPerMs, unit);
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

/** The first of several operators that has a value. */
function compileCoalesce(argument = '', purpose: FormatPurpose): Result<Operator, string> {
  const parts = parseCoalesce(argument);
  if (parts === null) {
    return err('expects JSON such as {"operators":["PROTOCOL",{"command":"REQ","param":"x"}]}');
  }
  const operators: Operator[] = [];
  for (const { command, param, maxLength } of parts) {
    const operator = findOperator(command, param, purpose);
    if (!operator.ok) return err(`has %${command}%, which ${operator.error}`);
    if (maxLength !== undefined && !takesLength(command)) {
      return err(`has %${command}%, which takes no max_length`);
    }
    operators.push(maxLength === undefined ? operator.value : truncated(operator.value, maxLength));
  }
  return ok((info) => {
    for (const operator of operators) {
      const value = operator(info);
      if (value !== null && value !== '') return value;
    }
    return null;
  });
}

/** At most that many characters. */
export function truncated(operator: Operator, length: number): Operator {
  return (info) => {
    const value = operator(info);
    return value === null ? null : String(value).slice(0, length);
  };
}
