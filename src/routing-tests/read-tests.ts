/** From the text of files to test cases; what cannot be used becomes findings with their place. */

import { isObject } from '../base/is-object.ts';
import type { Finding } from '../config/finding.ts';
import { type FindingCode, findingCode, severityOf } from '../config/finding-code.ts';
import { DocumentReader, type ParsedDocument } from '../config/parse/document.ts';
import { type SourceFile, splitDocuments } from '../config/parse/source-file.ts';
import { formatPath, type Path, type Problem, Problems } from '../config/problem.ts';
import { decode } from '../config/schema/decode.ts';
import { RoutingTests, type TestCase } from './schema.ts';

/** A test case with the places of its fields. */
export interface PlacedTest {
  readonly test: TestCase;
  readonly file: string;
  readonly line: number;
  /** Line of a field of the test case. */
  lineOf(path: Path): number;
}

export interface ReadTests {
  readonly tests: readonly PlacedTest[];
  readonly findings: readonly Finding[];
}

/** `named`: files that were named themselves, and so must have tests. */
export function readTests(files: readonly SourceFile[], named: ReadonlySet<string>): ReadTests {
  const tests: PlacedTest[] = [];
  const findings: Finding[] = [];
  for (const file of files) {
    const read = readFile(file);
    tests.push(...read.tests);
    findings.push(...read.findings);
    if (!read.hasTests && read.findings.length === 0 && named.has(file.path)) {
      findings.push(noTests(file.path));
    }
  }
  return { tests, findings };
}

/** Configuration may lie beside tests. */
function isTestDocument(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && 'testCases' in value && !('kind' in value);
}

function readFile(file: SourceFile): ReadTests & { readonly hasTests: boolean } {
  const reader = new DocumentReader();
  const tests: PlacedTest[] = [];
  const findings: Finding[] = [];
  let hasTests = false;
  for (const chunk of splitDocuments(file.text)) {
    const read = reader.read(file.path, chunk);
    findings.push(...read.findings);
    if (read.document === null || !isTestDocument(read.document.value)) continue;
    hasTests = true;
    const found = readDocument(file.path, read.document);
    tests.push(...found.tests);
    findings.push(...found.findings);
  }
  return { tests, findings, hasTests };
}

function readDocument(file: string, document: ParsedDocument): ReadTests {
  const problems = new Problems();
  const decoded = decode(RoutingTests, document.value, [], { problems, unknown: 'error' });
  const findings = problems.list.map((problem) => findingOf(file, document, problem));
  if (findings.some(({ severity }) => severity === 'error')) return { tests: [], findings };
  // Without an error it is what its schema says.
  const { testCases } = decoded as RoutingTests;
  const tests = testCases.map((test, index): PlacedTest => {
    const lineOf = (path: Path) => document.locate(['testCases', index, ...path], 'key').line;
    return { test, file, line: lineOf([]), lineOf };
  });
  return { tests, findings };
}

function findingOf(file: string, document: ParsedDocument, problem: Problem): Finding {
  const { code, message, hint, path, at } = problem;
  const place = { file, ...document.locate(path, at), path: formatPath(path), resource: '' };
  return { code, severity: severityOf[code], message, hint, ...place };
}

function noTests(file: string): Finding {
  const code: FindingCode = findingCode.missingField;
  const place = { file, line: 0, column: 0, path: '', resource: '' };
  const message = 'no document of this file has "testCases"';
  return {
    code,
    severity: severityOf[code],
    message,
    hint: 'configuration stands behind -f',
    ...place,
  };
}
