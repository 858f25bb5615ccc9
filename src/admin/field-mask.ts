/** Keeps some fields of JSON: the FieldMask of protocol buffers, through lists too. */

/** null: no value has any of the fields. `mask` is `name,tls.certificates`. */
export function applyMask(value: unknown, mask: string): unknown {
  const paths = mask
    .split(',')
    .map((path) => path.trim().split('.'))
    .filter(([first]) => first !== '');
  const kept = keep(value, paths);
  return kept === undefined ? null : kept;
}

/** undefined: nothing of it is wanted. */
function keep(value: unknown, paths: readonly (readonly string[])[]): unknown {
  if (paths.some((path) => path.length === 0)) return value;
  if (Array.isArray(value)) {
    const kept = value.map((item) => keep(item, paths)).filter((item) => item !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value).flatMap(([name, field]) => {
    const inner = paths.filter(([first]) => first === name).map((path) => path.slice(1));
    const kept = inner.length === 0 ? undefined : keep(field, inner);
    return kept === undefined ? [] : [[name, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
