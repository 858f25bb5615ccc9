/**
 * The annotation `sluice.dev/health-check` of a Service, ServiceEntry or DestinationRule: `off`, or
 * YAML (JSON is YAML) with the fields of Envoy's HealthCheck.
 */

import { parse, YAMLParseError } from 'yaml';
import { err, ok, type Result } from '../base/result.ts';
import { findingCode } from './finding-code.ts';
import { formatPath, type Path, type Problem, Problems } from './problem.ts';
import { decode } from './schema/decode.ts';
import { HealthCheckSpec } from './schema/health-check.ts';

export const healthCheckAnnotation = 'sluice.dev/health-check';

/** What an annotation says: no checks, or these. */
export type AnnotatedHealthCheck = 'off' | HealthCheckSpec;

const path: Path = ['metadata', 'annotations', healthCheckAnnotation];

/** Problems, all at the annotation, are added; null where it cannot be used. */
export function readHealthCheck(text: string, problems: Problems): AnnotatedHealthCheck | null {
  const read = readYaml(text);
  const bad = (message: string): null => {
    const hint = 'write it like {httpHealthCheck: {path: /healthz}, interval: 5s}';
    problems.add({ code: findingCode.badValue, path, at: 'value', message, hint });
    return null;
  };
  if (!read.ok) return bad(`the annotation is no valid YAML: ${read.error}`);
  if (read.value === 'off') return 'off';
  if (typeof read.value !== 'object' || read.value === null || Array.isArray(read.value)) {
    return bad('the annotation must be an object or "off"');
  }
  const own = new Problems();
  const spec = decode(HealthCheckSpec, read.value, path, { problems: own, unknown: 'error' });
  for (const problem of own.list) problems.add({ ...problem, at: 'value', ...named(problem) });
  return own.list.some(({ code }) => code !== findingCode.noEffect)
    ? null
    : (spec as HealthCheckSpec);
}

/** All of the annotation has one place, so that the message has to name the field. */
function named({ message, path: field }: Problem): { readonly message: string } {
  const root = formatPath(path);
  const name = formatPath(field.slice(path.length));
  const isNamed = name === '' || message.includes(name) || message.includes(root);
  const short = message.replace(`${root}.`, '');
  return { message: isNamed ? short : `${name}: ${short}` };
}

function readYaml(text: string): Result<unknown, string> {
  try {
    return ok(parse(text, { logLevel: 'error', maxAliasCount: 0, prettyErrors: false }));
  } catch (error) {
    // The parser throws for bad text, and for aliases, which have no place in so short a text.
    return err(error instanceof YAMLParseError ? error.message : 'aliases cannot stand here');
  }
}
