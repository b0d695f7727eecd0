// Makes dist/ (or the folder that is named): the sources as few files of code (one a command and what it shares with others, so that start-up reads few),
// the public entries, and what belongs beside them. The type declarations come from tsc.
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
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');
const DIST = resolve(process.argv[2] ?? join(ROOT, 'dist'));
/** Every file of code is in this one folder. */
const CODE = 'bundle';

/** Small packages of many files that start-up or parsing needs. All others are loaded from node_modules when they are used. */
const BUNDLED = new Set(['csv-parse', 'nunjucks', 'picocolors', 'valibot', 'yaml', 'yargs']);

/** What `bin.cjs` loads next. */
const COMMAND_LINE = 'cli/entry';
/** Modules that are imported by their path in dist/: the package's exports and threads. */
const PUBLIC = ['index', 'jinja/index', 'model', 'ml/index', 'ml/sql/index', 'ml/gbdt/worker', 'simulate/worker'];
const ENTRIES = [...PUBLIC, COMMAND_LINE];

/** Files that are read while upsql runs. */
const ASSETS = /\.(sql|css|html|js|json)$/;
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

/** What yargs asks for at each start and does not need here: tables of emoji for its help, a package.json for --version. */
const LIGHTER = { 'string-width': 'string-width.ts', 'escalade/sync': 'no-package-json.ts' };

/** Leaves out what is not to be bundled, and gives yargs lighter helpers. */
const packages = {
  name: 'packages',
  setup({ onResolve }) {
    onResolve({ filter: /^(string-width|escalade\/sync)$/ }, ({ path }) => ({
      path: join(ROOT, 'scripts/lighter', LIGHTER[path]),
    }));
    onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
      if (kind === 'entry-point' || importer.includes('node_modules')) return undefined;
      const name = path
        .split('/')
        .slice(0, path.startsWith('@') ? 2 : 1)
        .join('/');
      return BUNDLED.has(name) ? undefined : { path, external: true };
    });
  },
};

/** Lets a module find files by where it stood in the sources, as tsc lays them out. */
const places = {
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta.url')) return undefined;
      const module = relative(SRC, path).replaceAll('\\', '/').replace(/\.ts$/, '.js');
      return {
        contents: text.replaceAll('import.meta.url', `new URL('../${module}', import.meta.url).href`),
        loader: 'ts',
      };
    });
  },
};

const { outputFiles, metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: Object.fromEntries(ENTRIES.map((name) => [name.replaceAll('/', '-'), join(SRC, `${name}.ts`)])),
  outdir: join(DIST, CODE),
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  sourcesContent: false,
  write: false,
  metafile: true,
  legalComments: 'none',
  define: { UPSQL_BUILD: JSON.stringify(buildId()) },
  // Bundled CommonJS packages ask for Node's own modules so.
  banner: {
    js: "import { createRequire as upsqlRequire } from 'node:module';\nconst require = upsqlRequire(import.meta.url);",
  },
  plugins: [packages, places],
  logLevel: 'warning',
});

/** What dist/ is to hold besides the declarations, by its path there; code that others import comes first. */
const wanted = new Map();
const isEntry = (name) => ENTRIES.some((entry) => name.startsWith(`${entry.replaceAll('/', '-')}.js`));
for (const late of [false, true]) {
  for (const file of outputFiles) {
    const name = relative(join(DIST, CODE), file.path);
    if (isEntry(name) === late) wanted.set(`${CODE}/${name}`, file.contents);
  }
}
for (const name of PUBLIC) {
  const target = `${'../'.repeat(name.split('/').length - 1) || './'}${CODE}/${name.replaceAll('/', '-')}.js`;
  wanted.set(`${name}.js`, `export * from '${target}';\n`);
}
for (const name of files(SRC)) if (ASSETS.test(name)) wanted.set(name, readFileSync(join(SRC, name)));
wanted.set(`${CODE}/LICENSES.txt`, licenses(Object.keys(metafile.inputs)));
const bin = await transform(readFileSync(join(SRC, 'cli/bin.cts'), 'utf8'), { loader: 'ts', target: 'node20' });
wanted.set('cli/bin.cjs', bin.code.replace('./entry.js', `../${CODE}/cli-entry.js`));

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
