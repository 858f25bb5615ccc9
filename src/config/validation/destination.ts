/** Destinations and their weights. */

import type { Path, Problems } from '../problem.ts';
import type { Destination } from '../schema/destination.ts';
import { checkPort } from './addresses.ts';
import { wildcardHostMistake } from './host-names.ts';
import { isDnsLabel } from './labels.ts';

export function checkDestination(
  destination: Destination | undefined,
  path: Path,
  problems: Problems,
): void {
  if (destination === undefined) return;
  const { host, subset = '', port } = destination;
  const mistake = host === '*' ? '"*" cannot be a destination' : wildcardHostMistake(host);
  if (mistake !== null) problems.invalid([...path, 'host'], mistake);
  if (subset !== '') checkSubsetName(subset, [...path, 'subset'], problems);
  if (port !== undefined) checkPort(port.number, [...path, 'port', 'number'], problems);
}

export function checkSubsetName(name: string, path: Path, problems: Problems): void {
  if (name === '') problems.invalid(path, 'the name of a subset must not be empty');
  else if (!isDnsLabel(name)) {
    const hint = 'letters, digits and "-", at most 63';
    problems.invalid(path, `"${name}" is not a valid name of a subset`, hint);
  }
}

interface Weighted {
  readonly weight?: number;
}

export function checkWeights(routes: readonly Weighted[], path: Path, problems: Problems): void {
  let total = 0;
  for (const [index, { weight = 0 }] of routes.entries()) {
    if (weight < 0) {
      problems.invalid([...path, index, 'weight'], `the weight must not be negative: ${weight}`);
    }
    total += weight;
  }
  if (routes.length > 1 && total === 0) {
    const hint = 'give at least one of them a weight';
    problems.invalid(path, `the weights of all ${routes.length} destinations are 0`, hint);
  }
}
