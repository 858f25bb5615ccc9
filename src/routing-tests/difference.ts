/** One way in which what was expected and what happens differ. */

export interface Difference {
  /** Field of the test case: `route[0].weight`. */
  readonly field: string;
  /** In words; null: nothing of the kind. */
  readonly expected: string | null;
  readonly actual: string | null;
}

export function differs(
  field: string,
  expected: string | null,
  actual: string | null,
): readonly Difference[] {
  return expected === actual ? [] : [{ field, expected, actual }];
}
