import t from 'tap';
import { dataFolder } from '../../src/local-tls/data-folder.ts';

t.test('the data folder follows the XDG specification, and macOS its own', async (t) => {
  const mac = 'Library/Application Support/sluice';
  const table: readonly [Record<string, string>, NodeJS.Platform, string | null][] = [
    [{ HOME: '/h/me' }, 'linux', '/h/me/.local/share/sluice'],
    [{ HOME: '/h/me', XDG_DATA_HOME: '/data' }, 'linux', '/data/sluice'],
    [{ HOME: '/h/me', XDG_DATA_HOME: '' }, 'linux', '/h/me/.local/share/sluice'],
    [{ HOME: '/h/me', XDG_DATA_HOME: 'data' }, 'linux', '/h/me/.local/share/sluice'],
    [{ HOME: '/h/me' }, 'darwin', `/h/me/${mac}`],
    [{ HOME: '/h/me', XDG_DATA_HOME: '/data' }, 'darwin', '/data/sluice'],
    [{ HOME: '' }, 'linux', null],
    [{ HOME: 'here' }, 'linux', null],
    [{ HOME: '', XDG_DATA_HOME: '/data' }, 'linux', '/data/sluice'],
  ];
  for (const [env, platform, folder] of table) {
    const found = dataFolder(env, platform);
    t.equal(found.ok ? found.value : null, folder, `${platform} ${JSON.stringify(env)}`);
  }
});
