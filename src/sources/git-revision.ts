/** Configuration at a revision of git: read from its objects, never checked out. */

import { spawn } from 'node:child_process';
import { err, ok, type Result } from '../base/result.ts';
import { maxFileBytes } from '../config/parse/limits.ts';
import type { SourceFile } from '../config/parse/source-file.ts';

export interface GitPlace {
  /** Branch, tag, commit or what else git takes: `main`, `HEAD~1`. */
  readonly revision: string;
  /** File or folder, from the current folder. */
  readonly path: string;
}

/** null: no `git:REVISION:PATH`. */
export function parseGitPlace(text: string): GitPlace | null {
  const parts = /^git:([^:]+):(.+)$/s.exec(text);
  return parts === null ? null : { revision: parts[1] ?? '', path: parts[2] ?? '' };
}

const configExtension = /\.(ya?ml|json)$/i;
/** Of the output of one command: more is a mistake in the path. */
const maxOutputBytes = 256 * 1024 * 1024;

/** The error is a sentence for people. */
export async function readGitRevision(
  { revision, path }: GitPlace,
  folder = process.cwd(),
): Promise<Result<readonly SourceFile[], string>> {
  const commit = await git(folder, [
    'rev-parse',
    '--verify',
    '--end-of-options',
    `${revision}^{commit}`,
  ]);
  if (!commit.ok) return err(`git knows no revision "${revision}" here: ${commit.error}`);
  const id = commit.value.toString('utf8').trim();
  const listed = await git(folder, ['ls-tree', '-r', '-z', id, '--', path]);
  if (!listed.ok) return listed;
  const entries = entriesOf(listed.value.toString('utf8'), path);
  if (entries.length === 0) {
    return err(`no .yaml, .yml or .json file in ${path} at revision "${revision}"`);
  }
  const input = entries.map(({ object }) => `${object}\n`).join('');
  const objects = await git(folder, ['cat-file', '--batch'], input);
  return objects.ok ? filesOf(entries, objects.value) : objects;
}

interface Entry {
  readonly object: string;
  readonly path: string;
}

/** Lines of `mode type object TAB path`. A file that is named itself may have any ending. */
function entriesOf(listing: string, named: string): Entry[] {
  const own = named.replace(/^(\.\/)+/, '');
  return listing.split('\0').flatMap((line): Entry[] => {
    const parts = /^(\d+) blob ([0-9a-f]+)\t(.+)$/s.exec(line);
    if (parts === null) return [];
    const [, mode, object = '', path = ''] = parts;
    const isLink = mode === '120000';
    // As in folders: what is hidden is left out.
    const below = path.startsWith(`${own}/`) ? path.slice(own.length) : path;
    const isHidden = /(^|\/)(\.(?!\.)|node_modules\/)/.test(below) && path !== own;
    const isWanted = path === own || (configExtension.test(path) && !isHidden);
    return isWanted && !isLink ? [{ object, path }] : [];
  });
}

/** `object blob SIZE\n`, its bytes and a line break, for each. */
function filesOf(entries: readonly Entry[], output: Buffer): Result<readonly SourceFile[], string> {
  const files: SourceFile[] = [];
  let at = 0;
  for (const { path } of entries) {
    const lineEnd = output.indexOf(0x0a, at);
    const size = Number(output.toString('latin1', at, lineEnd).split(' ')[2]);
    if (!(size <= maxFileBytes)) return err(`${path} is missing or too large in git`);
    const bytes = output.subarray(lineEnd + 1, lineEnd + 1 + size);
    at = lineEnd + 1 + size + 1;
    try {
      files.push({ path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) });
    } catch {
      // The decoder throws for this alone.
      return err(`${path} is not UTF-8`);
    }
  }
  return ok(files);
}

function git(folder: string, args: readonly string[], input = ''): Promise<Result<Buffer, string>> {
  return new Promise((resolve) => {
    const child = spawn('git', args, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    let size = 0;
    let told = '';
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxOutputBytes) chunks.push(chunk);
      else child.kill();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString('utf8');
    });
    child.on('error', (error) => resolve(err(`git cannot be run: ${error.message}`)));
    child.on('close', (code) => {
      const [reason = ''] = told.replace(/^(fatal|error): /, '').split('\n');
      if (size > maxOutputBytes) resolve(err('git has too much to say; name a smaller folder'));
      else resolve(code === 0 ? ok(Buffer.concat(chunks)) : err(reason || `git ends with ${code}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
