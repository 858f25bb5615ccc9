/** What must be ended with a benchmark, also where it fails or is interrupted. */

const endings: (() => void)[] = [];

/**
 * `end` is called when the process ends, before what was registered earlier, and must not wait for
 * anything.
 */
export function beforeExit(end: () => void): void {
  if (endings.length === 0) {
    process.once('exit', endAll);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => process.exit(1));
    }
  }
  endings.push(end);
}

function endAll(): void {
  for (const end of endings.reverse()) {
    try {
      end();
    } catch (error) {
      // The others are to be ended all the same.
      console.error((error as Error).message);
    }
  }
}
