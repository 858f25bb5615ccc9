/** Texts with variables of nginx, `https://$host$request_uri`, in Envoy's words for header values. */

/** What Envoy calls them; null for a variable that has no counterpart. */
function commandOf(variable: string): string | null {
  const known = commands.get(variable);
  if (known !== undefined) return known;
  const [, source, name = ''] = /^(http|arg|cookie)_(\w+)$/.exec(variable) ?? [];
  if (source === 'http') return `%REQ(${name.replaceAll('_', '-')})%`;
  return source === 'arg' ? `%QUERY_PARAM(${name})%` : null;
}

const commands: ReadonlyMap<string, string> = new Map([
  ['request_uri', '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%'],
  ['uri', '%PATH(NQ)%'],
  ['document_uri', '%PATH(NQ)%'],
  ['host', '%REQ(:AUTHORITY)%'],
  ['http_host', '%REQ(:AUTHORITY)%'],
  ['best_http_host', '%REQ(:AUTHORITY)%'],
  ['scheme', '%REQ(:SCHEME)%'],
  ['pass_access_scheme', '%REQ(:SCHEME)%'],
  ['request_method', '%REQ(:METHOD)%'],
  ['remote_addr', '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%'],
  ['the_real_ip', '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%'],
  ['req_id', '%REQ(X-REQUEST-ID)%'],
  ['request_id', '%REQ(X-REQUEST-ID)%'],
]);

/** `$name` and `${name}`; the parts between them stay. */
const variable = /\$(?:\{(\w+)\}|(\w+))/g;

export function variablesOf(text: string): string[] {
  return [...text.matchAll(variable)].map(([, braced, plain]) => braced ?? plain ?? '');
}

/** A text for a value of a header, where a percent sign begins a command of Envoy. */
export function literalValue(text: string): string {
  return text.replaceAll('%', '%%');
}

/** A value of a header, or the variable that Envoy has no word for. */
export function headerValueOf(
  text: string,
): { readonly value: string } | { readonly unknown: string } {
  const unknown = variablesOf(text).find((name) => commandOf(name) === null);
  if (unknown !== undefined) return { unknown };
  return {
    value: literalValue(text).replaceAll(
      variable,
      (_, braced: string | undefined, plain: string) => {
        return commandOf(braced ?? plain) ?? '';
      },
    ),
  };
}
