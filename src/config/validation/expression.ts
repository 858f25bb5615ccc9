/** CEL, the Common Expression Language of access-log filters and metric labels: what is wrong. */

import { createRequire } from 'node:module';
import type * as CelLibrary from '@marcbachmann/cel-js';
import { type CelScope, compileCel } from '../../base/cel.ts';
import { attributeNames, attributeTypes, unknownAttributes } from '../../model/attributes.ts';

export interface ExpressionMistake {
  /**
   * `syntax`: Istio refuses it. `meaning`: it takes it, and no evaluation succeeds. `part`: a part
   * of it never has a value; the rest may still decide, as in `true || response.code > "400"`.
   * `constant`: a part is the same for all exchanges, as `response.code == "400"`.
   * `type`: a filter that is neither true nor false.
   */
  readonly kind: 'syntax' | 'meaning' | 'part' | 'constant' | 'type';
  /** Without a full stop. */
  readonly message: string;
}

/** What evaluation knows beforehand: names, no types. */
const scope: CelScope = {
  objects: Object.fromEntries(
    Object.entries(attributeNames).map(([name, fields]) => [name, { fields, type: null }]),
  ),
  maps: unknownAttributes,
  textMap: null,
};

const typedScope: CelScope = {
  ...scope,
  objects: Object.fromEntries(
    Object.entries(attributeNames).map(([name, fields]) => {
      const fieldTypes = attributeTypes[name as keyof typeof attributeNames];
      return [name, { fields, fieldTypes, type: null }];
    }),
  ),
};

const numbers: ReadonlySet<string> = new Set(['int', 'uint', 'double']);

/** null: it can be used. */
export function expressionMistake(text: string): ExpressionMistake | null {
  const syntax = syntaxMistake(text);
  if (syntax !== null) return { kind: 'syntax', message: syntax };
  const compiled = compileCel(text, scope);
  if (!compiled.ok) return { kind: 'meaning', message: compiled.error };
  const typed = compileCel(text, typedScope);
  if (typed.ok) return null;
  const compared = /overload: (.+) [!=]= (.+?)( at character \d+)?$/.exec(typed.error);
  if (compared === null) return { kind: 'part', message: typed.error };
  const [, left = '', right = '', place = ''] = compared;
  // The library compares nothing but the same; Envoy does, and numbers of two types may be equal.
  if ([left, right].every((type) => numbers.has(type)) || [left, right].includes('null'))
    return null;
  return { kind: 'constant', message: `${left} and ${right} are never equal${place}` };
}

/** Of a filter, which is true or false. */
export function filterMistake(text: string): ExpressionMistake | null {
  const mistake = expressionMistake(text);
  if (mistake !== null && !isOfPart(mistake)) return mistake;
  const compiled = compileCel(text, mistake === null ? typedScope : scope);
  const type = compiled.ok ? compiled.value.type : 'dyn';
  if (type === 'bool' || type === 'dyn') return mistake;
  return { kind: 'type', message: `its value is of type ${type}, not true or false` };
}

/** The rest of the expression may still decide. */
export function isOfPart({ kind }: ExpressionMistake): boolean {
  return kind === 'part' || kind === 'constant';
}

function syntaxMistake(text: string): string | null {
  if (text.trim() === '') return 'it is empty';
  // Loaded for the first expression: most configurations have none.
  const cel = createRequire(import.meta.url)('@marcbachmann/cel-js') as typeof CelLibrary;
  try {
    cel.parse(text);
    return null;
  } catch (error) {
    // The library reports bad expressions by throwing; only the first line is about the mistake.
    const message = error instanceof Error ? error.message : String(error);
    return message.split('\n')[0] ?? '';
  }
}
