/** The macros that the engine ships: package `dbt`, and one package an adapter. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface MacroFile {
  /** The namespace that its macros belong to: `dbt`, `dbt_duckdb`. */
  readonly package: string;
  /** As a path within that package: `macros/relations/create.sql`. */
  readonly path: string;
  readonly text: string;
}

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const ADAPTER_PACKAGES: readonly string[] = ['dbt_duckdb', 'dbt_snowflake'];
const read = new Map<string, readonly MacroFile[]>();

/**
 * The macro files for an adapter (`duckdb`, `snowflake`): those of `dbt`, then those of the adapter's own package, which
 * go before in look-ups. Each package is read once a process. An adapter without a package of its own gets `dbt` alone.
 */
export function builtinMacroFiles(adapterType: string): readonly MacroFile[] {
  const own = `dbt_${adapterType}`;
  return ADAPTER_PACKAGES.includes(own) ? [...packageFiles('dbt'), ...packageFiles(own)] : packageFiles('dbt');
}

function packageFiles(name: string): readonly MacroFile[] {
  const known = read.get(name);
  if (known) return known;
  const files = readdirSync(FOLDER + name, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sql'))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ package: name, path: `macros/${path}`, text: readFileSync(`${FOLDER}${name}/${path}`, 'utf8') }));
  read.set(name, files);
  return files;
}
