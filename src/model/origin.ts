/** Where an object of the model comes from: the resource and its place in the user's files. */

export interface Origin {
  /** Resource kind as written, for example `VirtualService`. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** File as the user named it; `-` for standard input, empty for objects made by the proxy. */
  readonly file: string;
  /** 1-based line of the part of the resource that made this object; 0 if unknown. */
  readonly line: number;
  /** 1-based column in that line, which several parts may share; absent if unknown. */
  readonly column?: number;
}

const standardInput = 'standard input';

/** `rules/reviews.yaml:12`; empty for what the proxy made by itself. */
export function originPlace(origin: Pick<Origin, 'file' | 'line'> | null): string {
  if (origin === null) return '';
  const { file, line } = origin;
  const name = file === '-' ? standardInput : file;
  return line === 0 ? name : `${name}:${line}`;
}

/** What `originPlace` has written. */
export function readPlace(place: string): Pick<Origin, 'file' | 'line'> {
  const found = /^(.*):(\d+)$/.exec(place);
  const name = found?.[1] ?? place;
  return { file: name === standardInput ? '-' : name, line: Number(found?.[2] ?? 0) };
}

/** Where single settings of an object are said, by Istio's name of the field. */
export type SettingOrigins = Readonly<Record<string, Origin>>;

/** For objects which the proxy makes itself, such as the passthrough cluster. */
export const builtInOrigin: Origin = {
  kind: '',
  namespace: '',
  name: '',
  file: '',
  line: 0,
};
