import { EventEmitter } from 'node:events';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { FolderWatcher } from '../../src/sources/folder-watcher.ts';
import { tempFolder } from '../support/temp-folder.ts';

t.test('a folder that cannot be watched is told once, until it can be', (t) => {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  const told: string[] = [];
  let code = 'ENOSPC';
  const watch = (): FSWatcher => {
    if (code !== '') throw Object.assign(new Error(code), { code });
    return Object.assign(new EventEmitter(), { close: () => undefined }) as unknown as FSWatcher;
  };
  const watcher = new FolderWatcher({
    onEvent: () => undefined,
    onUnwatched: (path, why) => void told.push(`${path} ${why}`),
    watch,
  });
  const folders = new Set([folder.path, join(folder.path, 'missing')]);
  t.equal(watcher.setFolders(folders), false);
  watcher.setFolders(folders);
  t.same(told.splice(0), [`${folder.path} ENOSPC`], 'one that is missing is not');
  code = '';
  t.equal(watcher.setFolders(folders), true, 'it is tried again');
  watcher.setFolders(new Set());
  code = 'EMFILE';
  watcher.setFolders(folders);
  t.same(told, [`${folder.path} EMFILE`]);
  watcher.close();
  t.end();
});
