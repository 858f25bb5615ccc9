/** CEL, the Common Expression Language of access-log filters and metric labels: what is wrong. */

import { createRequire } from 'node:module';
import type * as CelLibrary from '@marcbachmann/cel-js';
import { type CelScope, compileCel } from '../../base/cel.ts';
import { attributeNames, unknownAttributes } from '../../model/attributes.ts';

export interface ExpressionMistake {
  /** `syntax`: Istio refuses it. `meaning`: it takes it, and no evaluation succeeds. */
  readonly kind: 'syntax' | 'meaning';
  /** Without a full stop. */
  readonly message: string;
}

const scope: CelScope = {
  objects: Object.fromEntries(
    Object.entries(attributeNames).map(([name, fields]) => [name, { fields, type: null }]),
  ),
  maps: unknownAttributes,
  textMap: null,
};

/** null: it can be used. */
export function expressionMistake(text: string): ExpressionMistake | null {
  const syntax = syntaxMistake(text);
  if (syntax !== null) return { kind: 'syntax', message: syntax };
  const compiled = compileCel(text, scope);
  return compiled.ok ? null : { kind: 'meaning', message: compiled.error };
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
