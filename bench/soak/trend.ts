/** How a value that goes up and down grows over time, and how sure that is. */

export interface Point {
  /** Seconds. */
  readonly at: number;
  readonly value: number;
}

export interface Trend {
  /** From the first point to the last, on the line of the least squares. */
  readonly growth: number;
  /** Twice the standard error of that: it is within so much of it in 95 of 100 runs. */
  readonly error: number;
}

/** Three points are the fewest of which it can be told how far they are from a line. */
const fewestPoints = 3;

export function trendOf(points: readonly Point[]): Trend | null {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < fewestPoints) return null;
  const at = mean(points.map((point) => point.at));
  const value = mean(points.map((point) => point.value));
  const spread = sum(points.map((point) => (point.at - at) ** 2));
  const slope = sum(points.map((point) => (point.at - at) * (point.value - value))) / spread;
  const squares = points.map((point) => (point.value - value - slope * (point.at - at)) ** 2);
  const slopeError = Math.sqrt(sum(squares) / (points.length - 2) / spread);
  const span = last.at - first.at;
  return { growth: slope * span, error: 2 * slopeError * span };
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
