/** Telemetry: providers, percentages, tags and expressions (Istio ValidateTelemetry and its CRD). */

import { findingCode } from '../finding-code.ts';
import type { Path, Problems } from '../problem.ts';
import type { CustomTag } from '../schema/custom-tag.ts';
import type {
  AccessLogging,
  Metrics,
  MetricsOverride,
  TagOverride,
  TelemetrySpec,
  Tracing,
} from '../schema/telemetry.ts';
import { type ExpressionMistake, expressionMistake, filterMistake } from './expression.ts';
import { checkFormat } from './format.ts';
import { checkSelector } from './labels.ts';
import { checkPercent } from './values.ts';

export function checkTelemetry(spec: TelemetrySpec, problems: Problems): void {
  const { selector, tracing = [], metrics = [], accessLogging = [] } = spec;
  if (spec.targetRef !== undefined) checkTarget(spec.targetRef, ['spec', 'targetRef'], problems);
  for (const [index, target] of (spec.targetRefs ?? []).entries()) {
    checkTarget(target, ['spec', 'targetRefs', index], problems);
  }
  if (selector !== undefined) {
    checkSelector(selector.matchLabels, ['spec', 'selector', 'matchLabels'], problems);
  }
  for (const [index, item] of tracing.entries()) {
    checkTracing(item, ['spec', 'tracing', index], problems);
  }
  for (const [index, item] of metrics.entries()) {
    checkMetrics(item, ['spec', 'metrics', index], problems);
  }
  for (const [index, item] of accessLogging.entries()) {
    checkAccessLogging(item, ['spec', 'accessLogging', index], problems);
  }
}

/** In Istio the other kinds are for waypoints, and for the class of all of them. */
function checkTarget(
  { kind }: NonNullable<TelemetrySpec['targetRef']>,
  path: Path,
  problems: Problems,
): void {
  if (kind === 'Gateway') return;
  problems.add({
    code: findingCode.noEffect,
    path: [...path, 'kind'],
    at: 'value',
    message: `a target of kind "${kind}" has no effect: it is for waypoints, and this proxy is none`,
    hint: 'name a Gateway of the Gateway API, or use selector.matchLabels',
  });
}

function checkTracing(tracing: Tracing, path: Path, problems: Problems): void {
  const { providers = [], randomSamplingPercentage, customTags } = tracing;
  checkProviders(providers, path, problems);
  if (providers.length > 1) {
    const message = 'only the first provider of traces is used';
    problems.doubtful([...path, 'providers', 1], message);
  }
  checkPercent(randomSamplingPercentage, [...path, 'randomSamplingPercentage'], problems);
  checkCustomTags(customTags, [...path, 'customTags'], problems);
}

export function checkCustomTags(
  tags: Readonly<Record<string, CustomTag>> | undefined,
  path: Path,
  problems: Problems,
): void {
  for (const [name, tag] of Object.entries(tags ?? {})) {
    const place = [...path, name];
    if (name === '') problems.invalid(path, 'the name of a tag must not be empty');
    const { literal, environment, header, formatter } = tag;
    if ((literal ?? environment ?? header ?? formatter) === undefined) {
      const hint = 'set one of literal, environment, header, formatter';
      problems.invalid(place, 'the tag has no value', hint);
    }
    const texts = [
      ['literal', 'value', literal?.value],
      ['environment', 'name', environment?.name],
      ['header', 'name', header?.name],
      ['formatter', 'value', formatter?.value],
    ] as const;
    for (const [kind, field, text] of texts) {
      if (text === '') problems.invalid([...place, kind, field], `the ${field} must not be empty`);
    }
    checkFormatter(formatter?.value, [...place, 'formatter', 'value'], problems);
  }
}

function checkFormatter(format: string | undefined, path: Path, problems: Problems): void {
  checkFormat(format, path, problems);
  if (format === undefined || format === '' || format.replaceAll('%%', '').includes('%')) return;
  const hint = 'write an operator as %RESPONSE_FLAGS%, or literal in place of formatter';
  problems.doubtful(path, 'the format has no operator: it is the same for each request', hint);
}

function checkMetrics(metrics: Metrics, path: Path, problems: Problems): void {
  const { providers = [], overrides = [] } = metrics;
  checkProviders(providers, path, problems);
  for (const [index, override] of overrides.entries()) {
    checkOverride(override, [...path, 'overrides', index], problems);
  }
}

function checkOverride(override: MetricsOverride, path: Path, problems: Problems): void {
  if (override.match?.customMetric === '') {
    const place = [...path, 'match', 'customMetric'];
    problems.invalid(place, 'the name of the metric must not be empty');
  }
  for (const [name, tag] of Object.entries(override.tagOverrides ?? {})) {
    checkTagOverride(name, tag, { path: [...path, 'tagOverrides', name], problems });
  }
}

/** What Prometheus takes as the name of a label. */
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Of the buckets of histograms, and of the values of summaries. */
const reservedLabels: ReadonlySet<string> = new Set(['le', 'quantile']);

interface Place {
  readonly path: Path;
  readonly problems: Problems;
}

function checkTagOverride(name: string, tag: TagOverride, { path, problems }: Place): void {
  const { operation = 'UPSERT', value = '' } = tag;
  if (!labelName.test(name)) {
    problems.invalid(path, `"${name}" is not the name of a label`, 'letters, digits and _');
  } else if (reservedLabels.has(name) || name.startsWith('__')) {
    // With a second one of that name Prometheus refuses everything that it is shown.
    problems.invalid(path, `the label "${name}" is Prometheus's own`, 'choose another name');
  }
  if (operation === 'REMOVE') {
    if (value !== '') problems.invalid([...path, 'value'], 'REMOVE takes no value');
    return;
  }
  if (value === '') {
    problems.invalid(path, 'UPSERT needs a value', 'a CEL expression such as request.host');
    return;
  }
  const mistake = expressionMistake(value);
  if (mistake === null) return;
  // Istio does not look at it.
  const effect = mistake.kind === 'syntax' ? 'is left as it is' : unknownLabel(mistake);
  const message = `${describe(value, mistake)}; the label ${effect}`;
  problems.doubtful([...path, 'value'], message, textHint(value));
}

function unknownLabel({ kind }: ExpressionMistake): string {
  if (kind === 'constant') return 'does not depend on that';
  return kind === 'part' ? 'is "unknown" where it decides' : 'is "unknown"';
}

/** A text without quotes is the name of an attribute. */
function textHint(value: string): string | null {
  return value.includes("'") || value.includes('"') ? null : `for a fixed text write '"${value}"'`;
}

function checkAccessLogging(logging: AccessLogging, path: Path, problems: Problems): void {
  checkProviders(logging.providers ?? [], path, problems);
  if (logging.filter === undefined) return;
  const { expression = '' } = logging.filter;
  const mistake = filterMistake(expression);
  if (mistake === null) return;
  const place = [...path, 'filter', 'expression'];
  const message = describe(expression, mistake);
  if (mistake.kind === 'syntax') problems.invalid(place, message);
  else problems.doubtful(place, `${message}; ${effectOnLog(mistake)}`, mistakeHint(mistake));
}

function effectOnLog({ kind }: ExpressionMistake): string {
  if (kind === 'constant') return 'that part decides nothing';
  return kind === 'part' ? 'nothing is logged where it decides' : 'nothing is logged';
}

function mistakeHint({ message }: ExpressionMistake): string {
  if (message.includes('Duration')) return 'compare with a duration, as duration("1s")';
  return 'write a comparison as response.code >= 400';
}

function describe(expression: string, { kind, message }: ExpressionMistake): string {
  const problem = {
    syntax: 'is not a CEL expression',
    meaning: 'never has a value',
    part: 'has a part that never has a value',
    constant: 'has a part that is the same for every request',
    type: 'is not a filter',
  }[kind];
  return `"${expression}" ${problem}: ${message}`;
}

function checkProviders(
  providers: NonNullable<Tracing['providers']>,
  path: Path,
  problems: Problems,
): void {
  for (const [index, { name }] of providers.entries()) {
    if (name !== '') continue;
    problems.invalid(
      [...path, 'providers', index, 'name'],
      'the name of a provider must not be empty',
    );
  }
}
