/** Filters by regular expression that come with a query, in Envoy's syntax and linear time. */

import { RE2JS } from 're2js';
import { err, ok, type Result } from '../base/result.ts';

export type NameFilter = (name: string) => boolean;

/** The expression may match anywhere in a name. null lets everything pass. */
export function compileNameFilter(pattern: string | null): Result<NameFilter, string> {
  if (pattern === null || pattern === '') return ok(() => true);
  try {
    const regex = RE2JS.compile(pattern);
    return ok((name) => regex.matcher(name).find());
  } catch (error) {
    return err(`Invalid re2 regex: ${(error as Error).message}`);
  }
}
