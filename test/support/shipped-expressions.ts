/** Every expression of PromQL in config/observability, as Prometheus can be asked it. */

import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { observabilityFolder } from './observability-demo.ts';

export interface ShippedExpression {
  /** Dashboard and panel, or alert or recording rule. */
  readonly where: string;
  readonly kind: 'panel' | 'variable' | 'alert' | 'record';
  readonly expr: string;
}

interface GrafanaPanel {
  readonly title: string;
  readonly type: string;
  readonly panels?: readonly GrafanaPanel[];
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface GrafanaVariable {
  readonly name: string;
  readonly type: string;
  readonly query: { readonly query: string } | string;
}

export interface GrafanaDashboard {
  readonly uid: string;
  readonly title: string;
  readonly templating: { readonly list: readonly GrafanaVariable[] };
  readonly panels: readonly GrafanaPanel[];
}

export interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert?: string;
      readonly record?: string;
      readonly expr: string;
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    }[];
  }[];
}

export function readDashboards(): GrafanaDashboard[] {
  return globSync(join(observabilityFolder, 'grafana/dashboards/*.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as GrafanaDashboard);
}

export function readRules(): (RuleFile['groups'][number]['rules'][number] & { file: string })[] {
  const files = ['alerts.yml', 'recording-rules.yml'];
  return files.flatMap((name) => {
    const file = join(observabilityFolder, 'prometheus', name);
    const { groups } = parse(readFileSync(file, 'utf8')) as RuleFile;
    return groups.flatMap(({ rules }) => rules.map((rule) => ({ ...rule, file: basename(file) })));
  });
}

/** Panels of a dashboard, also those in rows that are closed. */
export function panelsOf({ panels }: GrafanaDashboard): GrafanaPanel[] {
  return panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
}

export function shippedExpressions(): ShippedExpression[] {
  const ofPanels = readDashboards().flatMap((dashboard) => [
    ...panelsOf(dashboard).flatMap(({ title, targets }) =>
      (targets ?? []).map(({ expr, legendFormat }) => ({
        where: `${dashboard.uid}: ${title}: ${legendFormat}`,
        kind: 'panel' as const,
        expr: withoutVariables(expr),
      })),
    ),
    ...dashboard.templating.list.flatMap((variable) => variableExpression(dashboard, variable)),
  ]);
  const ofRules = readRules().map(({ alert, record, expr }) => ({
    where: alert ?? record ?? '',
    kind: alert === undefined ? ('record' as const) : ('alert' as const),
    expr,
  }));
  return [...ofPanels, ...ofRules];
}

/** `label_values(SELECTOR, LABEL)` and `query_result(EXPR)` are Grafana's, not Prometheus'. */
function variableExpression(
  { uid }: GrafanaDashboard,
  { name, query }: GrafanaVariable,
): ShippedExpression[] {
  if (typeof query === 'string') return [];
  const labels = /^label_values\((.*), (\w+)\)$/.exec(query.query);
  const result = /^query_result\((.*)\)$/s.exec(query.query);
  const expr =
    labels === null ? (result?.[1] ?? query.query) : `group by (${labels[2]}) (${labels[1]})`;
  return [{ where: `${uid}: $${name}`, kind: 'variable', expr: withoutVariables(expr) }];
}

/** As Grafana would put it with everything chosen, over the last quarter of a minute. */
function withoutVariables(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '15s')
    .replaceAll('$__interval', '15s')
    .replaceAll('$reporter', 'source|destination')
    .replaceAll(/\$(service|workload|namespace|instance)\b/g, '.*');
}
