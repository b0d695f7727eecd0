/**
 * Loads the one file of the bundle with the machine code that V8 made of it in an earlier run of the same command: what a
 * command needs is a few hundred of the file's thousands of functions, and compiling them takes longer than running them.
 */
import crypto = require('node:crypto');
import fs = require('node:fs');
import Module = require('node:module');
import os = require('node:os');
import path = require('node:path');
import vm = require('node:vm');

/** The build puts the file's name in, which holds a hash of its contents. */
declare const UPSQL_FILE: string;
const FILE = path.join(__dirname, UPSQL_FILE);
/** Builds and versions of Node whose code is kept. */
const KEPT_FOLDERS = 4;
/** V8 takes code only for the version and flags that it was made with; the folder's name is for those who share a home. */
const FOLDER = `${path.basename(FILE, '.cjs')}-${process.version}-${process.arch}`;

type Namespaces = Readonly<Record<string, () => Promise<object>>>;

/** The bundle's modules by their path in the sources, each run when it is first asked for. `purpose`: the command, or `library`. */
function load(purpose: string): Namespaces {
  const known = require.cache[FILE];
  if (known !== undefined) return (known.exports as { readonly modules: Namespaces }).modules;
  // Node itself maps stacks to sources, and counts coverage, of what it loads itself.
  const plain = process.execArgv.includes('--enable-source-maps') || process.env.NODE_V8_COVERAGE !== undefined;
  if (plain || process.env.UPSQL_CODE_CACHE === '0') return (require(FILE) as { readonly modules: Namespaces }).modules;
  return loadCompiled(path.join(cacheFolder(), FOLDER, `${/^[a-z-]{1,30}$/.test(purpose) ? purpose : 'other'}.bin`));
}

/** Where the user keeps what can be made again. */
function cacheFolder(): string {
  const given = process.env.UPSQL_CODE_CACHE ?? '';
  if (given !== '') return path.resolve(given);
  const home = os.homedir();
  const base =
    process.platform === 'win32'
      ? (process.env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? path.join(home, 'Library', 'Caches')
        : process.env.XDG_CACHE_HOME || path.join(home, '.cache');
  return path.join(base, 'upsql');
}

function loadCompiled(cacheFile: string): Namespaces {
  // The build leaves ASCII only.
  const source = fs.readFileSync(FILE, 'latin1');
  const cachedData = readCode(cacheFile);
  const script = new vm.Script(Module.wrap(source), {
    filename: FILE,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  // By then the functions that the command needs are compiled. A command that failed has not needed all of them.
  if (cachedData === undefined || script.cachedDataRejected === true)
    process.on('exit', (code) => {
      if (code === 0) writeCode(cacheFile, script.createCachedData());
    });
  const module = new Module(FILE);
  module.filename = FILE;
  module.paths = (Module as unknown as { _nodeModulePaths(from: string): string[] })._nodeModulePaths(__dirname);
  require.cache[FILE] = module;
  const run = script.runInThisContext() as (...given: readonly unknown[]) => void;
  run.call(module.exports, module.exports, Module.createRequire(FILE), module, FILE, __dirname);
  module.loaded = true;
  return (module.exports as { readonly modules: Namespaces }).modules;
}

const HASH_BYTES = 20;
const hashOf = (code: Uint8Array): Buffer => crypto.createHash('sha1').update(code).digest();

/** Code that was written whole; V8 itself does not look whether a byte of it has changed. */
function readCode(file: string): Buffer | undefined {
  try {
    const bytes = fs.readFileSync(file);
    const code = bytes.subarray(HASH_BYTES);
    return code.length > 0 && hashOf(code).equals(bytes.subarray(0, HASH_BYTES)) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Writes code for the next run, and deletes that of old builds. Where that can't be done, each run compiles anew. */
function writeCode(file: string, code: Buffer): void {
  const temporary = `${file}.${process.pid}.tmp`;
  const folder = path.dirname(file);
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(temporary, Buffer.concat([hashOf(code), code]));
    fs.renameSync(temporary, file);
    const base = path.dirname(folder);
    const old = fs
      .readdirSync(base)
      .map((name) => ({
        name,
        time: fs.statSync(path.join(base, name)).mtimeMs,
      }))
      .sort((a, b) => b.time - a.time)
      .slice(KEPT_FOLDERS);
    for (const { name } of old) fs.rmSync(path.join(base, name), { recursive: true, force: true });
  } catch {
    try {
      fs.rmSync(temporary, { force: true });
    } catch {
      // Then it was never there.
    }
  }
}

/** `import()` for the bundle, whose own would be lost in code that was kept. */
const importModule = (name: string): Promise<unknown> => import(name);

export = { load, importModule };
