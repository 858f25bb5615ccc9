/** What all benchmarks do with their command line. */

export interface Command<Options> {
  /** Printed by `--help`. */
  readonly usage: string;
  /** A text says what is wrong; null: help was asked for. May throw what `parseArgs` throws. */
  read(): Options | string | null;
  /** Resolves to the exit code. */
  run(options: Options): Promise<number>;
}

/** Resolves to the exit code: 2 for wrong usage. */
export async function runCommand<Options extends object>(
  command: Command<Options>,
): Promise<number> {
  const options = readOrFault(command);
  if (typeof options === 'string') {
    console.error(`${options} (see --help)`);
    return 2;
  }
  if (options === null) {
    console.log(command.usage);
    return 0;
  }
  return command.run(options);
}

function readOrFault<Options extends object>(command: Command<Options>): Options | string | null {
  try {
    return command.read();
  } catch (error) {
    return (error as Error).message;
  }
}
