/**
 * Goes before a program (`node --import`): what the process has loaded by then is written to
 * standard error when it gets SIGUSR2. Plain JavaScript, as types would have to be stripped first,
 * which loads more than is looked for.
 */

const files = [];
process.getBuiltinModule('node:module').registerHooks({
  load(url, context, next) {
    files.push(url);
    return next(url, context);
  },
});

let compiled = 0;
for (const name of ['compile', 'instantiate', 'Module']) {
  const count = (use) => {
    compiled++;
    return use();
  };
  WebAssembly[name] = new Proxy(WebAssembly[name], {
    apply: (target, self, values) => count(() => Reflect.apply(target, self, values)),
    construct: (target, values) => count(() => Reflect.construct(target, values)),
  });
}

process.on('SIGUSR2', () => {
  const loaded = { builtins: process.moduleLoadList, files, compiledWebAssembly: compiled };
  process.stderr.write(`loaded: ${JSON.stringify(loaded)}\n`);
});
