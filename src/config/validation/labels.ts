/** Labels and selectors, and the DNS labels that most names must be. */

import type { Path, Problems } from '../problem.ts';

const dnsLabel = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;

export function isDnsLabel(text: string): boolean {
  return dnsLabel.test(text);
}

const labelKey =
  /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/i;
const labelValue = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

type Labels = Readonly<Record<string, string>> | undefined;

export function checkLabels(labels: Labels, path: Path, problems: Problems): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (!labelKey.test(key)) problems.invalid([...path, key], `"${key}" is not a valid label name`);
    if (!labelValue.test(value)) {
      problems.invalid([...path, key], `"${value}" is not a valid label value`);
    }
  }
}

/** Labels that select workloads: no wildcards; none at all selects every workload. */
export function checkSelector(labels: Labels, path: Path, problems: Problems): void {
  const entries = Object.entries(labels ?? {});
  if (entries.length === 0)
    problems.doubtful(path, 'a selector without labels selects all workloads');
  for (const [key, value] of entries) {
    if (key === '') problems.invalid(path, 'a selector must not have an empty label name');
    if (key.includes('*') || value.includes('*')) {
      problems.invalid([...path, key], `a selector cannot have a wildcard: ${key}=${value}`);
    }
  }
}
