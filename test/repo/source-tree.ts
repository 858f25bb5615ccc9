/** The files of this repository as the tests of this folder look at them. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const folders = ['.ci', 'bench', 'config', 'docs', 'src', 'test'];
const generated = new Set(['node_modules', 'results', 'fixtures']);

/** All files under a folder of the repository, in order of their paths. */
export function filesUnder(folder: string): SourceFile[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').some((part) => generated.has(part)))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export function typescriptUnder(folder: string): SourceFile[] {
  return filesUnder(folder).filter(({ path }) => path.endsWith('.ts'));
}

/** Everything that is written by hand. */
export function allFiles(): SourceFile[] {
  const atRoot = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'package-lock.json')
    .map(({ name }) => ({ path: name, text: readFileSync(join(root, name), 'utf8') }));
  return [...atRoot, ...folders.flatMap(filesUnder)];
}

const stringOrComment =
  /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/.*/g;

/** The text without its comments. Line numbers stay. */
export function withoutComments(text: string): string {
  return text.replaceAll(stringOrComment, (found) =>
    found.startsWith('/*') || found.startsWith('//') ? found.replaceAll(/[^\n]/g, '') : found,
  );
}

/** `path:line` of every line of code that matches. */
export function linesThatMatch(file: SourceFile, pattern: RegExp): string[] {
  const lines = withoutComments(file.text).split('\n');
  return lines.flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1}`] : []));
}
