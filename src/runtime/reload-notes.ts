/**
 * What nobody would see otherwise: listeners that a reload changes, settings that must wait, and
 * folders that are not watched.
 */

import type { MergedSettings } from '../config/settings/merge-settings.ts';
import type { ActiveListener } from '../proxy/listener/active-listener.ts';

/** Said of a proxy that accepts no connection. */
export const noListenerOpen = 'no listener is open: the configuration has none that can be served';

/** Settings that are read once, by the path that a Bootstrap has for them. */
const startSettings = {
  admin: 'listeners.admin',
  seed: 'seed',
  watch: 'watch',
  localTls: 'listeners.localTls',
} as const satisfies Partial<Record<keyof MergedSettings, string>>;

/**
 * Those that this reload changed and that take effect at the next start; not what was put back to
 * what runs.
 */
export function waitingSettings(
  running: MergedSettings,
  before: MergedSettings,
  after: MergedSettings,
): string[] {
  const names = Object.keys(startSettings) as (keyof typeof startSettings)[];
  const differs = (other: MergedSettings, name: keyof typeof startSettings): boolean =>
    JSON.stringify(other[name]) !== JSON.stringify(after[name]);
  return names
    .filter((name) => differs(before, name) && differs(running, name))
    .map((name) => startSettings[name]);
}

/** Listeners by the address at which they are bound. */
export type BoundListeners = ReadonlyMap<string, string>;

export function boundListeners(active: readonly ActiveListener[]): BoundListeners {
  return new Map(
    active.map(({ model, boundPort }) => [`${model.address}:${boundPort}`, model.name]),
  );
}

export interface ListenerNote {
  readonly change: 'opened' | 'closed';
  readonly listener: string;
  readonly address: string;
}

/** A listener that only has another name now is neither. */
export function listenerNotes(before: BoundListeners, after: BoundListeners): ListenerNote[] {
  return [...missingIn(before, after, 'opened'), ...missingIn(after, before, 'closed')];
}

function missingIn(
  one: BoundListeners,
  other: BoundListeners,
  change: ListenerNote['change'],
): ListenerNote[] {
  return [...other]
    .filter(([address]) => !one.has(address))
    .map(([address, listener]) => ({ change, listener, address }));
}

/** What to do so that a folder can be watched, by the code of the system. */
export function watchHint(code: string): string {
  switch (code) {
    case 'ENOSPC':
      return 'raise fs.inotify.max_user_watches';
    case 'EMFILE':
      return 'raise fs.inotify.max_user_instances';
    default:
      return 'the system refuses to watch the folder';
  }
}
