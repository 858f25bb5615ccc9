/** Waiting for events with a limit, so that a test fails with a reason instead of hanging. */

/** The promise's value, or an error that says what did not happen in time. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export interface PollOptions {
  /** How long to try, milliseconds. */
  readonly within: number;
  /** Pause between two tries, milliseconds; 10 by default. */
  readonly every?: number;
}

/** Calls `probe` until it returns something other than null or false. */
export async function eventually<T>(
  what: string,
  options: PollOptions,
  probe: () => Promise<T | null | false> | T | null | false,
): Promise<T> {
  const end = performance.now() + options.within;
  for (;;) {
    const value = await probe();
    if (value !== null && value !== false) return value;
    if (performance.now() > end) throw new Error(`${what}: not within ${options.within} ms`);
    await pause(options.every ?? 10);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
