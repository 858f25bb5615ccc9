/** A dashboard of Grafana: its variables, and rows of panels from left to right. */

import { datasource, type Panel } from './panel.ts';

export interface Row {
  readonly title: string;
  /** Shown when somebody opens it. */
  readonly collapsed?: true;
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  /** `label_values(…)` or `query_result(…)`, or the values themselves. */
  readonly values: string | readonly string[];
  /** What of each value counts, as `/…(…)…/`. */
  readonly regex?: string;
  /** Several at once, and all of them to begin with. */
  readonly multiple?: true;
}

export interface DashboardOptions {
  /** Stable: links and bookmarks name it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

/** The JSON that Grafana imports. */
export function dashboard(options: DashboardOptions): object {
  const { uid, title, description, variables, rows } = options;
  return {
    uid,
    title,
    description,
    tags: ['sluice'],
    schemaVersion: 39,
    version: 1,
    id: null,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-15m', to: 'now' },
    timezone: 'browser',
    timepicker: {},
    fiscalYearStartMonth: 0,
    liveNow: false,
    weekStart: '',
    annotations: { list: [] },
    links: [
      {
        type: 'dashboards',
        title: 'sluice',
        tags: ['sluice'],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
        icon: 'external link',
        tooltip: '',
        url: '',
      },
    ],
    templating: { list: [datasourceVariable(), ...variables.map(templateVariable)] },
    panels: new Layout().place(rows),
  };
}

function datasourceVariable(): object {
  return {
    name: 'datasource',
    label: 'Data source',
    type: 'datasource',
    query: 'prometheus',
    current: {},
    hide: 0,
    includeAll: false,
    multi: false,
    options: [],
    refresh: 1,
    regex: '',
    skipUrlSync: false,
  };
}

function templateVariable({ name, label, values, regex, multiple }: Variable): object {
  const several = multiple === true;
  const common = { name, label, hide: 0, multi: several, includeAll: several, skipUrlSync: false };
  if (typeof values !== 'string') {
    const options = values.map((value, index) => ({
      text: value,
      value,
      selected: index === 0,
    }));
    return { ...common, type: 'custom', query: values.join(','), options, current: options[0] };
  }
  return {
    ...common,
    type: 'query',
    datasource,
    definition: values,
    query: { query: values, refId: name },
    refresh: 2,
    regex: regex ?? '',
    sort: 1,
    options: [],
    current: several ? { text: ['All'], value: ['$__all'] } : {},
    ...(several ? { allValue: '.*' } : {}),
  };
}

const columns = 24;

/** Gives every panel its id and its place: as many beside each other as the width holds. */
class Layout {
  #id = 0;
  #x = 0;
  #y = 0;
  /** Height of the highest panel of the current line. */
  #lineHeight = 0;

  place(rows: readonly Row[]): object[] {
    return rows.flatMap((row) => this.#placeRow(row));
  }

  #placeRow({ title, collapsed, panels }: Row): object[] {
    this.#nextLine();
    const isCollapsed = collapsed === true;
    const row = {
      id: ++this.#id,
      type: 'row',
      title,
      collapsed: isCollapsed,
      gridPos: { x: 0, y: this.#y, w: columns, h: 1 },
    };
    this.#y++;
    const start = this.#y;
    const placed = panels.map((panel) => this.#placePanel(panel));
    if (!isCollapsed) return [{ ...row, panels: [] }, ...placed];
    // What lies in a closed row takes no room on the page.
    this.#x = 0;
    this.#lineHeight = 0;
    this.#y = start;
    return [{ ...row, panels: placed }];
  }

  #placePanel({ type, title, description, width, height, body }: Panel): object {
    if (this.#x + width > columns) this.#nextLine();
    const gridPos = { x: this.#x, y: this.#y, w: width, h: height };
    this.#x += width;
    this.#lineHeight = Math.max(this.#lineHeight, height);
    return { id: ++this.#id, type, title, description, datasource, gridPos, ...body };
  }

  #nextLine(): void {
    this.#x = 0;
    this.#y += this.#lineHeight;
    this.#lineHeight = 0;
  }
}
