import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { prepareChildEnvironment } from '../support/child-environment.ts';
import { sluiceMain } from '../support/sluice-process.ts';
import { filesUnder, root, type SourceFile } from './source-tree.ts';

// Whatever a document names exists: paths, links, npm scripts, commands, flags.

const documents: SourceFile[] = [
  ...globSync('*.md', { cwd: root }).map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  })),
  ...['docs', 'config', 'test'].flatMap(filesUnder).filter(({ path }) => path.endsWith('.md')),
];

function help(...command: string[]): string {
  const args = [sluiceMain, ...command, '--help'];
  const env = prepareChildEnvironment();
  return spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' }).stdout;
}

function flagsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*[a-z]/g)].map(([flag]) => flag);
}

/** A short name behind `|` is a command, too. */
const commands = [...help().matchAll(/^ {2}([a-z]+(?:-[a-z]+)*)(?:\|([a-z]+))? .*$/gm)]
  .flatMap(([, name = '', short]) => (short === undefined ? [name] : [name, short]))
  .filter((name) => !['help', 'sluice'].includes(name));
const flagsOf = new Map(commands.map((name) => [name, new Set(flagsIn(help(name)))]));

/** `document: what` for everything that is named and missing. */
function missing(find: (document: SourceFile) => Iterable<string>): string[] {
  return documents.flatMap((each) => [...find(each)].map((what) => `${each.path}: ${what}`));
}

/** Inline code, and lines of fenced blocks. */
function codeIn(text: string): string[] {
  const fenced = [...text.matchAll(/^```[a-z]*\n(.*?)^```/gms)].flatMap(([, body = '']) =>
    body.split('\n'),
  );
  const inline = [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g)];
  return [...fenced, ...inline.map(([, code = '']) => code)];
}

t.test('the command line is read from its own help', async (t) => {
  t.ok(commands.includes('run') && commands.includes('demo'), commands.join(' '));
});

t.test('links between documents lead somewhere', async (t) => {
  const links = missing(function* ({ path, text }) {
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      if (!existsSync(join(root, dirname(path), target))) yield target;
    }
  });
  t.same(links, []);
});

t.test('paths that documents name exist', async (t) => {
  const folders = /^(src|test|bench|docs|config|\.ci)\/[\w./*-]+$/;
  const paths = missing(function* ({ text }) {
    for (const code of codeIn(text)) {
      for (const word of code.split(/[\s,;:]+/)) {
        if (folders.test(word) && globSync(word, { cwd: root }).length === 0) yield word;
      }
    }
  });
  t.same(paths, []);
});

t.test('npm scripts that documents name exist', async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const named = missing(function* ({ text }) {
    for (const [, name = ''] of text.matchAll(/npm run (?:-s )?([a-z0-9:]+)/g)) {
      if (!(name in scripts)) yield `npm run ${name}`;
    }
    for (const [, name = ''] of text.matchAll(/npm (start|test)\b/g)) {
      if (!(name in scripts)) yield `npm ${name}`;
    }
  });
  t.same(named, []);
});

t.test('commands and flags that documents name exist', async (t) => {
  const call = /(?:^|\s)sluice (?:-- )?([a-z]+(?:-[a-z]+)*)\b(.*)$/;
  const wrong = missing(function* ({ text }) {
    for (const code of codeIn(text)) {
      const [, command = '', rest = ''] = call.exec(code.replace('\\', '')) ?? [];
      if (command === '') continue;
      const flags = flagsOf.get(command);
      if (flags === undefined) yield `sluice ${command}`;
      else yield* flagsIn(rest).filter((flag) => !flags.has(flag));
    }
  });
  t.same(wrong, []);
});

t.test('every command and every flag is documented', async (t) => {
  const reference = readFileSync(join(root, 'docs/command-line.md'), 'utf8');
  for (const [command, flags] of flagsOf) {
    t.match(reference, `sluice ${command}`);
    const documented = new Set(flagsIn(reference));
    t.same(
      [...flags].filter((flag) => !documented.has(flag)),
      [],
      command,
    );
  }
});

t.test('every flag that the reference lists exists', async (t) => {
  const reference = readFileSync(join(root, 'docs/command-line.md'), 'utf8');
  const own = flagsIn(help());
  const all = new Set([...own, ...[...flagsOf.values()].flatMap((flags) => [...flags])]);
  t.same(
    flagsIn(reference).filter((flag) => !all.has(flag)),
    [],
  );
});

t.test('decisions are numbered, and say what was decided', async (t) => {
  for (const { path, text } of filesUnder('docs/decisions')) {
    t.match(path, /\/\d{4}-[a-z0-9-]+\.md$/);
    t.match(text, /^# /);
    t.match(text, /\*\*(Decision|Solution)\.\*\*/);
  }
});
