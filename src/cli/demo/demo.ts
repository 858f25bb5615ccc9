/** `sluice demo`: the bookinfo sample services and the proxy in front of them. */

import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { packageFile } from '../../base/program-files.ts';
import { usesColor } from '../output/color.ts';
import { fail, say } from '../output/say.ts';

const bookinfoFolder = fileURLToPath(packageFile('config/bookinfo'));

export function demoCommand(): Command {
  return new Command('demo')
    .description('start the bookinfo sample services and the proxy in front of them')
    .option('-f, --file <folder>', 'folder with the rules and bootstrap.yaml', bookinfoFolder)
    .addHelpText(
      'after',
      '\nExamples:\n  sluice demo\n  cp -r config/bookinfo mine && sluice demo -f mine',
    )
    .action(async (options: { file: string }) => {
      process.exitCode = await demo(options.file);
    });
}

async function demo(folder: string): Promise<number> {
  // Loaded here, so that no other command carries the sample services.
  const { readDemoPlan } = await import('../../demo/demo-plan.ts');
  const { runDemo } = await import('../../demo/demo-run.ts');
  const plan = readDemoPlan(folder);
  if (!plan.ok) return fail(plan.error);
  const color = usesColor();
  const write = (text: string) => process.stdout.write(text);
  const echo = (text: string) => process.stderr.write(text);
  return runDemo(plan.value, { write, echo, fail: say, color });
}
