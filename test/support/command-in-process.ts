/**
 * Runs commands that end by themselves in the process of the test. They read, print and return what
 * a process of their own would, without half a second of CPU for each start; that there is such a
 * process, with pipes and an exit code, is for a few tests of each command to show.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { runCommandLine } from '../../src/cli/main.ts';
import { type CommandOptions, type ExitResult, runCommand } from './sluice-process.ts';

/** For a look at all commands as they are built: `SLUICE_MAIN=dist/main.js SLUICE_PROCESSES=1`. */
const needsProcess = process.env.SLUICE_PROCESSES === '1';

type Output = Record<'stdout' | 'stderr', string>;

/** Of the command that writes; what the test itself writes goes where it always goes. */
const outputs = new AsyncLocalStorage<Output>();

for (const name of ['stdout', 'stderr'] as const) {
  const stream = process[name];
  const write = stream.write.bind(stream) as (...args: readonly unknown[]) => boolean;
  // Each command listens for readers that go away.
  stream.setMaxListeners(0);
  stream.write = ((text: string | Uint8Array, ...others: readonly unknown[]) => {
    const output = outputs.getStore();
    if (output === undefined) return write(text, ...others);
    output[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
    const written = others.find((other) => typeof other === 'function');
    if (written !== undefined) process.nextTick(written as () => void);
    return true;
  }) as typeof stream.write;
}

/** One after the other: folder, environment and exit code are those of the whole process. */
let last: Promise<unknown> = Promise.resolve();

/** As `runCommand`, of `sluice` commands other than those that serve until they are stopped. */
export function runInProcess(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<ExitResult> {
  if (needsProcess) return runCommand(args, options);
  const result = last.then(() => runAlone(args, options));
  last = result.catch(() => undefined);
  return result;
}

async function runAlone(
  args: readonly string[],
  { stdin = '', env = {}, cwd = process.cwd() }: CommandOptions,
): Promise<ExitResult> {
  const { exitCode } = process;
  const folder = process.cwd();
  const environment = { ...process.env };
  const input = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
  const output: Output = { stdout: '', stderr: '' };
  process.exitCode = undefined;
  Object.assign(process.env, { NO_COLOR: '1', ...env });
  Object.defineProperty(process, 'stdin', {
    value: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]),
    configurable: true,
  });
  process.chdir(cwd);
  try {
    const code = await outputs.run(output, () => runCommandLine(args));
    return { code, signal: null, ...output };
  } finally {
    process.chdir(folder);
    Object.defineProperty(process, 'stdin', input);
    for (const name of ['NO_COLOR', ...Object.keys(env)]) {
      const before = environment[name];
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    }
    process.exitCode = exitCode;
  }
}
