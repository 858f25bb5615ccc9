/** How a mistake of sluice itself is told: one line for the user, and the place for who mends it. */

/** `during` says what was being done, for example `while reading the configuration`. */
export function describeDefect(error: Error, during = ''): string {
  if (process.env.SLUICE_DEBUG === '1') process.stderr.write(`${error.stack}\n`);
  const what = during === '' ? 'internal error' : `internal error ${during}`;
  return `${what}: ${error.message}; please report it (SLUICE_DEBUG=1 shows where)`;
}
