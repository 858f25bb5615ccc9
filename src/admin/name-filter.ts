/** Filters by regular expression that come with a query, in Envoy's syntax and linear time. */

import { compileQueryRegex } from '../base/query-regex.ts';
import { err, ok, type Result } from '../base/result.ts';

export type NameFilter = (name: string) => boolean;

/** The expression may match anywhere in a name. null lets everything pass. */
export function compileNameFilter(pattern: string | null): Result<NameFilter, string> {
  if (pattern === null || pattern === '') return ok(() => true);
  const regex = compileQueryRegex(pattern);
  if (!regex.ok) return err(`Invalid re2 regex: ${regex.error}`);
  return ok((name) => regex.value.matcher(name).find());
}
