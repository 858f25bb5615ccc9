/** Files of the program beside its code: what is started rather than imported, and what is read. */

/** In the package all code lies side by side in dist/; in the tree it is in folders of src/. */
const isPackage = import.meta.url.endsWith('.js');

/** The module of a process or a thread by its path in src/, without its ending. */
export function programModule(path: string): URL {
  if (!isPackage) return new URL(`../${path}.ts`, import.meta.url);
  return new URL(`./${path.slice(path.lastIndexOf('/') + 1)}.js`, import.meta.url);
}

/** A file or folder of the package by its path from the package's root. */
export function packageFile(path: string): URL {
  return new URL(`${isPackage ? '..' : '../..'}/${path}`, import.meta.url);
}
