/** Answers of /api/v1 as tests read them. */

import type { Test } from 'tap';
import { Value } from 'typebox/value';
import { answerSchemas } from '../../src/admin/api/openapi-document.ts';
import type { Result } from '../../src/base/result.ts';

/** The answer, which fits the schema of its path. */
export function answered<Answer>(t: Test, path: string, result: Result<Answer, string>): Answer {
  if (!result.ok) throw new Error(`${path}: ${result.error}`);
  t.same(Value.Errors(answerSchemas[`/api/v1/${path}`] ?? {}, result.value), [], path);
  return result.value;
}
