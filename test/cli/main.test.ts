import t from 'tap';
import { runCommandLine } from '../../src/cli/main.ts';

/** What is written to `stream` while `work` runs, in place of being written. */
async function written(
  stream: NodeJS.WriteStream,
  takes: (text: string) => boolean,
  work: () => Promise<unknown>,
): Promise<string> {
  const { write } = stream;
  let found = '';
  // The runner of the tests writes, too.
  stream.write = ((text: string, ...others: never[]) => {
    if (!takes(text)) return write.call(stream, text, ...others);
    found += text;
    return true;
  }) as typeof stream.write;
  try {
    await work();
  } finally {
    stream.write = write;
  }
  return found;
}

t.test('a mistake of sluice itself has an exit code of its own', async (t) => {
  let code = 0;
  const isBroken = (text: string): boolean => {
    if (text.startsWith('sluice ')) throw new TypeError('cannot be written');
    return false;
  };
  const said = await written(
    process.stderr,
    (text) => text.startsWith('sluice: '),
    () =>
      written(process.stdout, isBroken, async () => {
        code = await runCommandLine(['version']);
      }),
  );
  t.equal(code, 70);
  t.match(said, /^sluice: internal error: cannot be written; please report it/);
});

t.test('what is asked for wrongly is usage', async (t) => {
  const said = await written(
    process.stderr,
    (text) => text.startsWith('sluice: '),
    async () => t.equal(await runCommandLine(['versoin']), 2),
  );
  t.equal(said, "sluice: unknown command 'versoin'; did you mean version? (see --help)\n");
});
