/** Which of some names a misspelt one was probably meant to be. */

/** The candidate with the fewest mistakes, about one in three letters at most; null: there is none. */
export function nearestSpelling(text: string, candidates: readonly string[]): string | null {
  const lower = text.toLowerCase();
  const allowed = Math.max(1, Math.floor(text.length / 3));
  let best: string | null = null;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `weighting` and `weight`, `host` and `hostSelector`: one begins with the other. */
export function nearestStem(text: string, candidates: readonly string[]): string | null {
  const lower = text.toLowerCase();
  const related = (candidate: string): boolean => {
    const other = candidate.toLowerCase();
    return (
      Math.min(lower.length, other.length) >= 4 &&
      (lower.startsWith(other) || other.startsWith(lower))
    );
  };
  return candidates.find(related) ?? null;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
