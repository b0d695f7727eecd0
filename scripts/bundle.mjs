// Makes dist/ (or the folder that is named): the sources and small packages as one file, whose modules are run when they are
// first asked for, and whose compiled code V8 gives back at the next start (src/cli/load-bundle.cts); the public entries; what
// belongs beside them. The type declarations come from tsc.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');
const DIST = resolve(process.argv[2] ?? join(ROOT, 'dist'));
/** Every file of code is in this one folder. */
const CODE = 'bundle';

/** Packages of many files that most commands need. All others are loaded from node_modules when they are used. */
const BUNDLED = new Set(['@duckdb/node-api', 'csv-parse', 'nunjucks', 'picocolors', 'valibot', 'yaml', 'yargs']);

/** What `bin.cjs` runs. */
const COMMAND_LINE = 'cli/entry';
/** Modules that are imported by their path in dist/: the package's exports, and what bench/ measures. */
const PUBLIC = ['index', 'jinja/index', 'model', 'ml/index', 'ml/sql/index'];
/** Modules that threads start with, which share nothing with the rest. */
const THREADS = ['ml/gbdt/worker', 'simulate/worker'];

/** Files that are read while upsql runs. */
const ASSETS = /\.(sql|css|html|js|json|py)$/;
/** A command that is running may still load code of the build before. */
const GRACE_MS = 60 * 60 * 1000;

const files = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => statSync(join(folder, name)).isFile())
        .map((name) => name.replaceAll('\\', '/'))
        .sort()
    : [];

/** A package's folder in node_modules, of a file in it. */
const packageOf = (file) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file.replaceAll('\\', '/'));

/** Stands for the code: what an earlier build wrote for itself, this one passes over. */
function buildId() {
  const hash = createHash('sha1').update(readFileSync(join(ROOT, 'package-lock.json')));
  for (const name of files(SRC)) hash.update(`\0${name}\0`).update(readFileSync(join(SRC, name)));
  return hash.digest('base64');
}

/**
 * What stands for packages that bundled ones ask for. yargs: tables of emoji for its help and a package.json for --version, which
 * are not needed here. The driver of DuckDB: the library, which stays in its own package.
 */
const IN_PLACE = {
  'string-width': 'string-width.ts',
  'escalade/sync': 'no-package-json.ts',
  '@duckdb/node-bindings': 'duckdb-bindings.cjs',
};

/** The package of an import's path. */
const packageName = (path) =>
  path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/');

/** Leaves out what is not to be bundled, and gives yargs lighter helpers. */
const packages = {
  name: 'packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      Object.hasOwn(IN_PLACE, path) ? { path: join(ROOT, 'scripts/lighter', IN_PLACE[path]) } : undefined,
    );
    onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
      if (kind === 'entry-point' || importer.includes('node_modules')) return undefined;
      return BUNDLED.has(packageName(path)) ? undefined : { path, external: true };
    });
  },
};

/**
 * Lets a module find files by where it stood in the sources, as tsc lays them out, and import packages by way of a function
 * that is not in the bundle: V8 loses what an `import()` is to do in code that it has kept.
 */
const places = {
  name: 'places',
  setup({ onLoad, initialOptions }) {
    const isMain = initialOptions.format === 'cjs';
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const module = relative(SRC, path).replaceAll('\\', '/').replace(/\.ts$/, '.js');
      const text = readFileSync(path, 'utf8').replaceAll(
        'import.meta.url',
        `new URL('../${module}', import.meta.url).href`,
      );
      const imports = /(?<!typeof )\bimport\((?!\s*['"]\.)(?:(\s*)(['"])([^'"]+)\2)?/g;
      const kept = (all, space = '', quote = '', name = '') =>
        BUNDLED.has(packageName(name)) ? all : `upsqlImport(${space}${quote}${name}${quote}`;
      return { contents: isMain ? text.replace(imports, kept) : text, loader: 'ts' };
    });
  },
};

const common = {
  absWorkingDir: ROOT,
  outdir: join(DIST, CODE),
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  sourcesContent: false,
  write: false,
  metafile: true,
  legalComments: 'none',
  define: { UPSQL_BUILD: JSON.stringify(buildId()) },
  plugins: [packages, places],
  logLevel: 'warning',
};
const modules = [...PUBLIC, COMMAND_LINE].map((name) => `'${name}': () => import('./src/${name}.js'),`);
const main = await build({
  ...common,
  stdin: {
    contents: `export const modules = {\n${modules.join('\n')}\n};\n`,
    resolveDir: ROOT,
    sourcefile: 'modules.ts',
    loader: 'ts',
  },
  format: 'cjs',
  define: { ...common.define, 'import.meta.url': 'upsqlUrl' },
  banner: {
    js:
      "const upsqlUrl = require('node:url').pathToFileURL(__filename).href;\n" +
      "const upsqlImport = require('./load.cjs').importModule;",
  },
  entryNames: 'upsql-[hash]',
  outExtension: { '.js': '.cjs' },
});
// The root help is told without the rest: what loads the commands is left out of it.
const help = await build({
  ...common,
  entryPoints: { help: join(SRC, 'cli/help.ts') },
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  sourcemap: false,
  plugins: [
    {
      name: 'no-commands',
      setup: ({ onResolve }) =>
        onResolve({ filter: /^\./ }, ({ kind, path }) =>
          kind === 'dynamic-import' ? { path, external: true } : undefined,
        ),
    },
  ],
});
const threads = await build({
  ...common,
  entryPoints: Object.fromEntries(THREADS.map((name) => [name.replaceAll('/', '-'), join(SRC, `${name}.ts`)])),
  format: 'esm',
  // Bundled CommonJS packages ask for Node's own modules so.
  banner: {
    js: "import { createRequire as upsqlRequire } from 'node:module';\nconst require = upsqlRequire(import.meta.url);",
  },
});

/** What dist/ is to hold besides the declarations, by its path there; files come after those that they load. */
const wanted = new Map();
for (const file of [...main.outputFiles, ...help.outputFiles, ...threads.outputFiles])
  wanted.set(`${CODE}/${basename(file.path)}`, file.path.endsWith('.map') ? file.contents : ascii(file.text));

/** JavaScript in ASCII, which is read faster and takes half the memory: esbuild leaves expressions and templates as they are. */
function ascii(text) {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
const upsql = [...wanted.keys()].find((name) => /upsql-\w+\.cjs$/.test(name));
const script = async (name) =>
  (
    await transform(readFileSync(join(SRC, name), 'utf8'), {
      loader: 'ts',
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      define: { UPSQL_FILE: JSON.stringify(basename(upsql)) },
    })
  ).code;
wanted.set(`${CODE}/load.cjs`, await script('cli/load-bundle.cts'));
const up = (name) => '../'.repeat(name.split('/').length - 1) || './';
for (const name of THREADS) wanted.set(`${name}.js`, `import '${up(name)}${CODE}/${name.replaceAll('/', '-')}.js';\n`);
for (const [name, text] of await publicEntries()) wanted.set(name, text);
for (const name of files(SRC)) if (ASSETS.test(name)) wanted.set(name, readFileSync(join(SRC, name)));
wanted.set(
  `${CODE}/LICENSES.txt`,
  licenses([...Object.keys(main.metafile.inputs), ...Object.keys(threads.metafile.inputs)]),
);
wanted.set('cli/bin.cjs', await script('cli/bin.cts'));

/** ES modules that give what a module of the bundle exports, by name. */
async function publicEntries() {
  for (const name of [upsql, `${CODE}/load.cjs`]) write(name, wanted.get(name));
  const bundle = createRequire(import.meta.url)(join(DIST, upsql)).modules;
  return Promise.all(
    PUBLIC.map(async (name) => {
      const names = Object.keys(await bundle[name]());
      const load = `import { load } from '${up(name)}${CODE}/load.cjs';\n\nconst module = await load('library')['${name}']();\n`;
      return [
        `${name}.js`,
        names.length === 0 ? 'export {};\n' : `${load}export const { ${names.join(', ')} } = module;\n`,
      ];
    }),
  );
}

/** The licences of the packages whose code is in the bundle. */
function licenses(inputs) {
  const folders = new Map(
    inputs
      .flatMap((file) => [packageOf(file) ?? []])
      .filter((found) => found.length > 0)
      .map(([folder, name]) => [name, folder]),
  );
  const texts = [...folders].sort().map(([name, folder]) => {
    const file = readdirSync(join(ROOT, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const { version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    return `${name} ${version} (${license})\n\n${file === undefined ? '' : readFileSync(join(ROOT, folder, file), 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** Writes a file at once, so that a command that starts meanwhile reads the old or the new one, and only if it differs. */
function write(name, contents) {
  const file = join(DIST, name);
  const bytes = Buffer.from(contents);
  if (existsSync(file) && readFileSync(file).equals(bytes)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}.tmp`, bytes);
  renameSync(`${file}.${process.pid}.tmp`, file);
}

for (const [name, contents] of wanted) write(name, contents);
chmodSync(join(DIST, 'cli/bin.cjs'), 0o755);

/** Whether a file of dist/ is still of use: declarations whose source is there, code that was made a short while ago. */
function kept(name) {
  if (wanted.has(name)) return true;
  if (/\.d\.c?ts$/.test(name)) return existsSync(join(SRC, name.replace(/\.d\.(c?)ts$/, '.$1ts')));
  return name.startsWith(`${CODE}/`) && Date.now() - statSync(join(DIST, name)).mtimeMs < GRACE_MS;
}
for (const name of files(DIST)) if (!kept(name)) rmSync(join(DIST, name));
