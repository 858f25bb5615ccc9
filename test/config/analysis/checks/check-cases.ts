/** Configurations in short form, and what the checks of our own find in them. */

import t from 'tap';
import { runAnalyzers } from '../../../../src/config/analysis/analyze.ts';
import { madeRules } from '../../../../src/config/analysis/checks/made-rules.ts';
import { semanticChecks } from '../../../../src/config/analysis/checks/semantic-checks.ts';
import type { Finding } from '../../../../src/config/finding.ts';
import { loadResources } from '../../../support/load-resources.ts';
import { sidecar } from '../../translate/translate-yaml.ts';

interface Case {
  readonly name: string;
  readonly yaml: string;
  /** `CODE path`, in the order of the checks. */
  readonly finds: readonly string[];
  readonly says?: RegExp;
  readonly hint?: RegExp;
}

export function check(yaml: string): Finding[] {
  const { resources, read, findings } = loadResources([{ path: 'test.yaml', text: yaml }]);
  const errors = findings.filter(({ severity }) => severity === 'error');
  t.strictSame(errors, [], 'the YAML of the test is right');
  // Without labels every Ingress and every Gateway is served.
  const settings = { ...sidecar, selectorsApply: false };
  const context = { resources, read, settings, nowMs: null };
  return runAnalyzers([semanticChecks, madeRules], context);
}

export function runCases(cases: readonly Case[]): void {
  for (const { name, yaml, finds, says, hint } of cases) {
    t.test(name, async (t) => {
      const findings = check(yaml);
      t.strictSame(
        findings.map(({ code, path }) => `${code} ${path}`),
        finds,
        'findings',
        { findings },
      );
      if (says !== undefined) t.match(findings[0]?.message, says);
      if (hint !== undefined) t.match(findings[0]?.hint, hint);
    });
  }
}

export function document(kind: string, name: string, spec: string): string {
  const head = `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}}\n`;
  return `${head}spec:\n  ${spec.trim().replaceAll('\n', '\n  ')}\n`;
}

/** A VirtualService of `web` with these rules, each in flow style. */
export function rules(...http: readonly string[]): string {
  return document('VirtualService', 'web', `hosts: [web]\nhttp:\n${items(http)}`);
}

function items(list: readonly string[]): string {
  return list.map((item) => `- {${item}}`).join('\n');
}

export const toWeb = 'route: [{destination: {host: web}}]';
export const uri = (kind: string, text: string) => `match: [{uri: {${kind}: '${text}'}}]`;
export const toOther = 'route: [{destination: {host: other}}]';

/** A VirtualService of `a.test` on the Gateway `gw`. */
export const onGateway = (name: string, ...http: readonly string[]) =>
  document('VirtualService', name, `hosts: [a.test]\ngateways: [gw]\nhttp:\n${items(http)}`);
