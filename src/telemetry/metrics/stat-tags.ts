/**
 * Envoy's dotted names as Prometheus names and labels: variable parts of a name become labels, by
 * the rules that Istio gives its Envoys, and what is left becomes `envoy_…`.
 */

export interface TaggedName {
  readonly name: string;
  /** `name="value"` pairs, ready to be written between braces; empty for none. */
  readonly labels: string;
}

interface TagRule {
  readonly label: string;
  /** Group 1 is cut out of the name, group 2 is the value of the label. */
  readonly pattern: RegExp;
}

const tagRules: readonly TagRule[] = [
  { label: 'cluster_name', pattern: /^cluster(\.(.+?);)/ },
  { label: 'listener_address', pattern: /^listener(\.([0-9.]+_\d+|\[[0-9a-fA-F_:.]+\]_\d+))/ },
  { label: 'http_conn_manager_listener_prefix', pattern: /^listener\.http(\.(.+?);)/ },
  { label: 'http_conn_manager_prefix', pattern: /^http(\.(.+?);)/ },
  { label: 'tcp_prefix', pattern: /^tcp(\.(.+?);)/ },
  { label: 'response_code', pattern: /_rq(_(\d{3}))$/ },
  { label: 'response_code_class', pattern: /_rq(_(\dxx))$/ },
];

export function tagName(statName: string): TaggedName {
  let name = statName;
  let labels = '';
  for (const { label, pattern } of tagRules) {
    const found = pattern.exec(name);
    if (found === null) continue;
    const [, cut = '', value = ''] = found;
    const at = found.index + found[0].length - cut.length;
    name = name.slice(0, at) + name.slice(at + cut.length);
    labels += `${labels === '' ? '' : ','}${label}="${escapeLabelValue(value)}"`;
  }
  const clean = name.replace(/[^a-zA-Z0-9_]/g, '_');
  return { name: clean.startsWith('sluice_') ? clean : `envoy_${clean}`, labels };
}

/** Stands for the name of a cluster; no name has it. */
const place = '\u0001';

/**
 * Tags many names at once. Those of clusters are most of them, and differ in few ways but for the
 * name of the cluster.
 */
export class StatTagger {
  readonly #byRest = new Map<string, TaggedName>();

  tag(statName: string): TaggedName {
    const end = statName.indexOf(';');
    if (end < 0 || !statName.startsWith('cluster.')) return tagName(statName);
    const rest = statName.slice(end);
    let pattern = this.#byRest.get(rest);
    if (pattern === undefined) {
      pattern = tagName(`cluster.${place}${rest}`);
      this.#byRest.set(rest, pattern);
    }
    const cluster = escapeLabelValue(statName.slice('cluster.'.length, end));
    return { name: pattern.name, labels: pattern.labels.replace(place, () => cluster) };
  }
}

/** Prometheus exposition format: backslash, quote and newline are escaped. */
export function escapeLabelValue(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}
