/** For mistakes of the programmer, never for input. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** Marks a switch as complete: a new case is then an error at compile time. */
export function unreachable(value: never): never {
  throw new Error(`unexpected value: ${String(value)}`);
}
