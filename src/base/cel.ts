/**
 * CEL, the Common Expression Language of access-log filters and metric tags, compiled once. The
 * library is loaded for the first expression, so that a proxy without any does not pay for it.
 */

import { createRequire } from 'node:module';
import type { ParseResult } from '@marcbachmann/cel-js';
import type * as CelLibrary from '@marcbachmann/cel-js/evaluator';
import type { RE2JS } from 're2js';
import { re2 } from './re2.ts';
import { err, ok, type Result } from './result.ts';

/** A variable of expressions. */
export interface CelObject {
  /** What it may have; whether it has it shows when it is read. */
  readonly fields: readonly string[];
  /** CEL types of them, for a strict check; those without one may be anything. */
  readonly fieldTypes?: Readonly<Record<string, string>>;
  /** The class of its values; null: expressions are checked and never evaluated. */
  readonly type: Constructor | null;
}

type Constructor = new (...args: never) => object;

export interface CelScope {
  readonly objects: Readonly<Record<string, CelObject>>;
  /** Variables of which nothing is known beforehand. */
  readonly maps: readonly string[];
  /** A map that finds its values when it is asked; null: only `Map` itself occurs. */
  readonly textMap: (new (...args: never) => ReadonlyMap<string, string>) | null;
}

export interface CelProgram {
  /** What its values are as far as is known: `bool`, `string`, `int`, …, or `dyn`. */
  readonly type: string;
  /** undefined where evaluation fails, for example because a value is missing. */
  evaluate(variables: object): unknown;
  /** How a value is to give a span of time. */
  duration(milliseconds: number): object;
}

/** The error is one sentence without a full stop. */
export function compileCel(text: string, scope: CelScope): Result<CelProgram, string> {
  const cel = loadLibrary();
  const patterns = new Map<string, RE2JS>();
  const environment = createEnvironment(cel, scope, patterns);
  try {
    const program = environment.parse(text);
    matchByRe2(program.ast, patterns);
    const checked = program.check();
    if (!checked.valid) return err(describe(checked.error));
    return ok({
      type: checked.type ?? 'dyn',
      evaluate: (variables) => evaluate(program, variables),
      duration: (milliseconds) => cel.Duration.fromMilliseconds(milliseconds),
    });
  } catch (error) {
    // The only way in which the libraries say that an expression or a pattern is wrong.
    return err(describe(error));
  }
}

function loadLibrary(): typeof CelLibrary {
  return createRequire(import.meta.url)('@marcbachmann/cel-js/evaluator') as typeof CelLibrary;
}

function createEnvironment(
  cel: typeof CelLibrary,
  scope: CelScope,
  patterns: ReadonlyMap<string, RE2JS>,
): CelLibrary.Environment {
  const environment = new cel.Environment({ homogeneousAggregateLiterals: false });
  const matches = (value: string, pattern: string): boolean =>
    (patterns.get(pattern) ?? re2().compile(pattern)).matcher(value).find();
  const sync = { async: false };
  environment.registerFunction('matches(string, string): bool', matches, sync);
  environment.registerFunction(`string.${re2Method}(string): bool`, matches, sync);
  for (const [name, object] of Object.entries(scope.objects))
    registerObject(environment, name, object);
  for (const name of scope.maps) environment.registerVariable(name, 'map');
  if (scope.textMap === null) return environment;
  const has = (name: string, map: ReadonlyMap<string, string>): boolean => map.has(name);
  environment.registerType('TextMap', { ctor: scope.textMap });
  const size = (map: ReadonlyMap<string, string>): bigint => BigInt(map.size);
  environment.registerFunction('size(TextMap): int', size, sync);
  environment.registerFunction('TextMap.size(): int', size, sync);
  return environment.registerOperator('string in TextMap', has);
}

function registerObject(
  environment: CelLibrary.Environment,
  name: string,
  { fields, fieldTypes = {}, type }: CelObject,
): void {
  const types = Object.fromEntries(fields.map((field) => [field, fieldTypes[field] ?? 'dyn']));
  const declaration = type === null ? { fields: types } : { fields: types, ctor: type };
  environment.registerType(`Attributes.${name}`, declaration);
  environment.registerVariable(name, `Attributes.${name}`);
}

function evaluate(program: ParseResult, variables: object): unknown {
  // A missing value, a wrong type: in CEL these are results, and the library throws them. To look up
  // where costs as much as all the rest.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return program(variables);
  } catch {
    return undefined;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Under another name, for the library's own `matches` cannot be replaced. */
const re2Method = 'matchesRe2';

/**
 * Lets every `x.matches(pattern)` be matched by RE2, as in Envoy, in time linear in the length of
 * the text. Patterns that stand in the expression are compiled now; throws for one that is wrong.
 */
function matchByRe2(node: unknown, patterns: Map<string, RE2JS>): void {
  if (Array.isArray(node)) {
    for (const part of node) matchByRe2(part, patterns);
    return;
  }
  if (typeof node !== 'object' || node === null || !('op' in node) || !('args' in node)) return;
  const args = node.args;
  if (Array.isArray(args) && args[0] === 'matches') {
    const pattern = node.op === 'rcall' ? args[2][0] : args[1][1];
    if (node.op === 'rcall') args[0] = re2Method;
    if (pattern?.op === 'value' && typeof pattern.args === 'string') {
      patterns.set(pattern.args, re2().compile(pattern.args));
    }
  }
  matchByRe2(args, patterns);
}

function describe(error: unknown): string {
  const { summary, message } = error as { readonly summary?: string; readonly message?: string };
  const range = (error as { readonly range?: { readonly start: number } }).range;
  const place = range === undefined ? '' : ` at character ${range.start + 1}`;
  return `${(summary ?? message ?? '').replaceAll(re2Method, 'matches')}${place}`;
}
