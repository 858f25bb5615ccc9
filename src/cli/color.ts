/** Whether what goes to standard output is coloured. */

/** Only for a person who looks at it, and not against their will (no-color.org). */
export function usesColor(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR;
}
