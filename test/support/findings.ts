/** Findings as `sluice analyze --output json` prints them. */

import { runInProcess } from './command-in-process.ts';

export interface PrintedFinding {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly hint: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Analysis {
  readonly exitCode: number | null;
  readonly findings: readonly PrintedFinding[];
  readonly stderr: string;
}

export async function analyze(...paths: readonly string[]): Promise<Analysis> {
  const files = paths.flatMap((path) => ['-f', path]);
  const result = await runInProcess(['analyze', ...files, '--output', 'json']);
  return {
    exitCode: result.code,
    findings: findingsIn(result.stdout === '' ? [] : JSON.parse(result.stdout)),
    stderr: result.stderr,
  };
}

/** A list of findings, or an object that holds one. */
function findingsIn(value: unknown): readonly PrintedFinding[] {
  if (Array.isArray(value)) return value as PrintedFinding[];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).find((inner) => Array.isArray(inner)) ?? [];
}

/** Whether a text looks like an exception rather than a message for people. */
export function hasStackTrace(text: string): boolean {
  return /^\s+at .+:\d+:\d+\)?$/m.test(text);
}
