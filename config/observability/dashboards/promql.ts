/** Pieces of PromQL that the dashboards share. */

/** Grafana's own: long enough for two scrapes whatever the zoom. */
const interval = '$__rate_interval';

/** gRPC statuses that are the fault of who answers, as far as a status can tell. */
const failedGrpcStatuses = '2|4|8|12|13|14|15';

/** Label names, joined by commas; empty for one sum over everything. */
export type By = string;

export function rateOf(metric: string, selector: string): string {
  return `rate(${metric}{${selector}}[${interval}])`;
}

export function sumRate(metric: string, selector: string, by: By = ''): string {
  return `sum${clause(by)}(${rateOf(metric, selector)})`;
}

/** Requests that failed by the fault of who answers: 5xx, or the like of gRPC. */
export function failures(selector: string, by: By = ''): string {
  const metric = 'istio_requests_total';
  const http = rateOf(metric, join(selector, 'response_code=~"5.."'));
  const grpc = rateOf(metric, join(selector, `grpc_response_status=~"${failedGrpcStatuses}"`));
  return `sum${clause(by)}(${http} or ${grpc})`;
}

/** Share of the requests that did not fail. With no failure at all it is 1, not nothing. */
export function successRatio(selector: string, by: By = ''): string {
  const all = sumRate('istio_requests_total', selector, by);
  return `1 - (${failures(selector, by)} or 0 * ${all}) / ${all}`;
}

/** A quantile of a histogram; `metric` without `_bucket`. */
export function quantile(q: number, metric: string, selector: string, by: By = ''): string {
  const buckets = sumRate(`${metric}_bucket`, selector, by === '' ? 'le' : `le, ${by}`);
  return `histogram_quantile(${q}, ${buckets})`;
}

/** One line each for the quantiles that are looked at, over all series. */
export function quantileLines(
  metric: string,
  selector: string,
): { readonly expr: string; readonly legend: string }[] {
  return [0.5, 0.9, 0.99].map((q) => ({
    expr: quantile(q, metric, selector),
    legend: `p${q * 100}`,
  }));
}

export function join(...matchers: readonly string[]): string {
  return matchers.filter((matcher) => matcher !== '').join(',');
}

function clause(by: By): string {
  return by === '' ? ' ' : ` by (${by}) `;
}
