import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Message, Plugin } from 'esbuild';
import { type Diagnostic, problem, UpsqlError } from '../../diagnostics/index.js';

/** What is kept beside a bundle: it is good for as long as its inputs have these hashes and its packages are there. */
interface Manifest {
  readonly version: 1;
  /** Relative to the project, with forward slashes, and their SHA-256. */
  readonly inputs: readonly (readonly [string, string])[];
  /** Absolute paths of packages' files that the bundle imports. */
  readonly packages: readonly string[];
  /** File name within the folder of bundles. */
  readonly output: string;
}

const OWN_FILE = fileURLToPath(import.meta.url);
/** The folder of the engine's modules: `dist`, or `src` when the engine runs from its sources. */
const ENGINE = resolve(dirname(OWN_FILE), '../..');

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** The engine's own module of `upsql/ml` and the like, so that a model needs no installed copy of the package. */
function engineModule(specifier: string): string | undefined {
  const part = specifier.split('/').slice(1).join('/');
  const extension = extname(OWN_FILE);
  return [join(ENGINE, part, `index${extension}`), join(ENGINE, `${part}${extension}`)].find((file) =>
    existsSync(file),
  );
}

/** Leaves packages out of the bundle, as absolute URLs of what they resolve to from the importing file. */
function externalPackages(packages: Set<string>): Plugin {
  const resolved = Symbol('resolved');
  return {
    name: 'external-packages',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async (args) => {
        if (args.pluginData === resolved || args.kind === 'entry-point' || isAbsolute(args.path)) return undefined;
        if (args.path.startsWith('node:')) return { path: args.path, external: true };
        const own = /^upsql(\/|$)/.test(args.path) ? engineModule(args.path) : undefined;
        // An engine that runs from TypeScript sources is compiled into the bundle.
        if (own?.endsWith('.ts')) return { path: own };
        if (own !== undefined) return { path: pathToFileURL(own).href, external: true };
        const { resolveDir, importer, kind } = args;
        const found = await build.resolve(args.path, { resolveDir, importer, kind, pluginData: resolved });
        if (found.errors.length > 0 || found.external) return found;
        if (/\.tsx?$/.test(found.path) && !found.path.includes('node_modules')) return found;
        packages.add(found.path);
        return { path: pathToFileURL(found.path).href, external: true };
      });
    },
  };
}

function toDiagnostic(message: Message, projectRoot: string, file: string): Diagnostic {
  const { location } = message;
  const place =
    location === null
      ? { file, line: 1, column: 1 }
      : {
          file: resolve(projectRoot, location.file),
          line: location.line,
          column: byteToColumn(location.lineText, location.column),
          length: Math.max(1, location.length),
        };
  const missing = /Could not resolve "([^"]+)"/.exec(message.text)?.[1];
  if (missing === undefined) return problem('typescript-syntax', message.text, { place });
  const hint = missing.startsWith('.')
    ? 'Check the path: it starts at the folder of the file that imports.'
    : `Install it in the project: npm install ${missing
        .split('/')
        .slice(0, missing.startsWith('@') ? 2 : 1)
        .join('/')}`;
  return problem('missing-import', `Could not find the import '${missing}'`, { place, hint });
}

/** esbuild's columns are byte offsets. */
function byteToColumn(line: string, column: number): number {
  return Buffer.from(line).subarray(0, column).toString('utf8').length + 1;
}

async function readManifest(file: string): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
    return manifest.version === 1 ? manifest : undefined;
  } catch {
    // Absent or cut off: the bundle is made anew.
    return undefined;
  }
}

async function isFresh(manifest: Manifest, entry: string, folder: string, root: string): Promise<boolean> {
  if (!manifest.inputs.some(([path]) => path === entry)) return false;
  if (![join(folder, manifest.output), ...manifest.packages].every((path) => existsSync(path))) return false;
  for (const [path, hash] of manifest.inputs) {
    const data = await readFile(resolve(root, path)).catch(() => undefined);
    if (data === undefined || sha256(data) !== hash) return false;
  }
  return true;
}

async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, file);
}

export interface BundleOptions {
  /** The model's file, absolute. */
  readonly file: string;
  /** A name for the bundle that no other model has. */
  readonly name: string;
  readonly projectRoot: string;
  readonly targetDir: string;
}

/**
 * Compiles a model and the files it imports by relative paths into one module under `target/typescript/`, or finds the
 * one made before when nothing changed. Gives the module's path; its source map is inline.
 * Throws UpsqlError (`typescript-syntax`, `missing-import`) with the place.
 */
export async function bundleModel({ file, name, projectRoot, targetDir }: BundleOptions): Promise<string> {
  const folder = join(targetDir, 'typescript');
  const stem = name.replace(/[^\w.-]/g, '_');
  const manifestFile = join(folder, `${stem}.json`);
  const before = await readManifest(manifestFile);
  const entry = relative(projectRoot, file).replaceAll('\\', '/');
  if (before !== undefined && (await isFresh(before, entry, folder, projectRoot))) return join(folder, before.output);

  const { build } = await import('esbuild');
  const packages = new Set<string>();
  const result = await build({
    entryPoints: [file],
    outfile: join(folder, `${stem}.mjs`),
    absWorkingDir: projectRoot,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['node'],
    sourcemap: 'inline',
    logLevel: 'silent',
    plugins: [externalPackages(packages)],
  }).catch((error: unknown) => {
    const errors = (error as { errors?: Message[] }).errors ?? [];
    if (errors.length === 0) throw error;
    throw new UpsqlError(
      errors.map((message) => toDiagnostic(message, projectRoot, file)),
      1,
    );
  });
  const code = result.outputFiles[0]?.text ?? '';
  const output = `${stem}.${sha256(code).slice(0, 16)}.mjs`;
  const inputs = await Promise.all(
    Object.keys(result.metafile.inputs).map(
      async (path) => [path, sha256(await readFile(resolve(projectRoot, path)))] as const,
    ),
  );
  await mkdir(folder, { recursive: true });
  await writeWhole(join(folder, output), code);
  const manifest: Manifest = { version: 1, inputs, packages: [...packages], output };
  await writeWhole(manifestFile, JSON.stringify(manifest));
  if (before !== undefined && before.output !== output) await rm(join(folder, before.output), { force: true });
  return join(folder, output);
}
