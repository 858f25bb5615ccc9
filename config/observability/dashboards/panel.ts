/** The panels of the dashboards, in Grafana's JSON; where they stand is settled by dashboard.ts. */

export interface Query {
  readonly expr: string;
  /** Name of a line, with labels as `{{label}}`; of a table the title of the column. */
  readonly legend: string;
  /** Only of a column in a table; otherwise that of the panel. */
  readonly unit?: Unit;
}

/** Grafana's names of units. */
export type Unit =
  | 'none'
  | 'short'
  | 'reqps'
  | 'ops'
  | 'percentunit'
  | 'ms'
  | 's'
  | 'bytes'
  | 'Bps'
  | 'cps'
  | 'dateTimeFromNow';

export interface PanelOptions {
  readonly title: string;
  /** What it shows and what to do about it: behind the (i) of the panel. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Of 24 columns. */
  readonly width?: number;
  /** From this value on it is yellow, and red. With the second below the first, less is worse. */
  readonly limits?: readonly [warning: number, critical: number];
}

/** A panel without its place: `id` and `gridPos` are added by the dashboard. */
export interface Panel {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The variable `datasource` of every dashboard. */
export const datasource = { type: 'prometheus', uid: '${datasource}' } as const;

/** Lines over time, with their last and greatest values below. */
export function lines(options: PanelOptions): Panel {
  return panel('timeseries', options, {
    size: [8, 8],
    fieldConfig: fieldConfig(options, {
      drawStyle: 'line',
      lineWidth: 1,
      fillOpacity: 10,
      showPoints: 'never',
      thresholdsStyle: { mode: options.limits === undefined ? 'off' : 'dashed' },
    }),
    options: {
      legend: {
        displayMode: 'table',
        placement: 'bottom',
        showLegend: true,
        calcs: ['lastNotNull', 'max'],
      },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: targets(options.queries, { range: true }),
  });
}

/** One number, with its past behind it. */
export function stat(options: PanelOptions): Panel {
  return panel('stat', options, {
    size: [4, 4],
    fieldConfig: fieldConfig(options, {}),
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      colorMode: 'value',
      graphMode: 'area',
      textMode: 'auto',
      justifyMode: 'auto',
      orientation: 'auto',
    },
    targets: targets(options.queries, { range: true }),
  });
}

/** What is open and what is not, one bar for each series: 0 is green, anything else red. */
export function states(options: PanelOptions): Panel {
  return panel('state-timeline', options, {
    size: [12, 7],
    fieldConfig: fieldConfig({ ...options, limits: [1, 1] }, { fillOpacity: 80, lineWidth: 0 }),
    options: {
      showValue: 'never',
      mergeValues: true,
      rowHeight: 0.8,
      legend: { displayMode: 'list', placement: 'bottom', showLegend: false },
      tooltip: { mode: 'single' },
    },
    targets: targets(options.queries, { range: true }),
  });
}

/** How a histogram of milliseconds is filled over time. */
export function heatmap(options: PanelOptions): Panel {
  return panel('heatmap', options, {
    size: [12, 8],
    fieldConfig: { defaults: {}, overrides: [] },
    options: {
      calculate: false,
      cellGap: 1,
      color: { mode: 'scheme', scheme: 'Oranges', steps: 64, exponent: 0.5 },
      yAxis: { unit: options.unit, axisPlacement: 'left' },
      legend: { show: true },
      tooltip: { mode: 'single', yHistogram: false },
    },
    targets: targets(options.queries, { range: true, format: 'heatmap' }),
  });
}

/** One row for each value of the labels in `keys`, one column for each query. */
export function table(
  options: PanelOptions & { readonly keys: Readonly<Record<string, string>> },
): Panel {
  const { queries, keys, unit } = options;
  const columns = queries.map((query, index) => ({ name: `Value #${refId(index)}`, ...query }));
  const columnTitles = columns.map(({ name, legend }) => [name, legend]);
  return panel('table', options, {
    size: [24, 9],
    fieldConfig: {
      defaults: { custom: { align: 'auto', filterable: true } },
      overrides: columns.map((column) => ({
        matcher: { id: 'byName', options: column.legend },
        properties: [{ id: 'unit', value: column.unit ?? unit }],
      })),
    },
    options: { showHeader: true, sortBy: [{ displayName: queries[0]?.legend, desc: true }] },
    targets: targets(queries, { instant: true, format: 'table' }),
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          renameByName: { ...keys, ...Object.fromEntries(columnTitles) },
        },
      },
    ],
  });
}

function panel(
  type: string,
  options: PanelOptions,
  {
    size,
    ...body
  }: Readonly<Record<string, unknown>> & { readonly size: readonly [number, number] },
): Panel {
  const { title, description } = options;
  return { type, title, description, width: options.width ?? size[0], height: size[1], body };
}

function fieldConfig({ unit, limits }: PanelOptions, custom: object): object {
  return {
    defaults: {
      unit,
      min: unit === 'dateTimeFromNow' ? null : 0,
      ...(unit === 'percentunit' ? { max: 1 } : {}),
      custom,
      color: { mode: limits === undefined ? 'palette-classic' : 'thresholds' },
      thresholds: { mode: 'absolute', steps: thresholds(limits) },
    },
    overrides: [],
  };
}

function thresholds(limits: PanelOptions['limits']): object[] {
  if (limits === undefined) return [{ color: 'green', value: null }];
  const [warning, critical] = limits;
  if (critical < warning) {
    return [
      { color: 'red', value: null },
      { color: 'yellow', value: critical },
      { color: 'green', value: warning },
    ];
  }
  return [
    { color: 'green', value: null },
    ...(warning === critical ? [] : [{ color: 'yellow', value: warning }]),
    { color: 'red', value: critical },
  ];
}

function targets(queries: readonly Query[], kind: object): object[] {
  return queries.map(({ expr, legend }, index) => ({
    refId: refId(index),
    datasource,
    editorMode: 'code',
    expr,
    legendFormat: legend,
    ...kind,
  }));
}

function refId(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}
