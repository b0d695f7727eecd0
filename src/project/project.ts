/**
 * A loaded project: dbt_project.yml of the root and of every installed package, and the chosen target.
 */
import type { Diagnostic } from '../diagnostics/index.js';
import type { PyDate } from '../jinja/datetime/date.js';
import type { DateTime } from '../jinja/datetime/datetime.js';
import type { Float } from '../jinja/values/float.js';

/** A whole `number` was an integer in YAML; a float with a whole value (`1.0`) is a `Float`, any other a `number`. */
export type YamlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | YamlDate
  | YamlValue[]
  | { [key: string]: YamlValue };

/** A date or timestamp of YAML. Where dbt renders Jinja in a value, it becomes ISO text. */
export type YamlDate = PyDate | DateTime;
export type YamlMap = { [key: string]: YamlValue };

/** dbt_project.yml after rendering and validation; paths are relative to the package root, defaults filled in. */
export interface ProjectConfig {
  readonly name: string;
  readonly version: string | null;
  readonly profile: string | null;
  readonly modelPaths: readonly string[];
  readonly seedPaths: readonly string[];
  readonly snapshotPaths: readonly string[];
  readonly macroPaths: readonly string[];
  readonly testPaths: readonly string[];
  readonly analysisPaths: readonly string[];
  readonly docsPaths: readonly string[];
  readonly assetPaths: readonly string[];
  readonly functionPaths: readonly string[];
  readonly targetPath: string;
  readonly logPath: string;
  readonly packagesInstallPath: string;
  readonly cleanTargets: readonly string[];
  /** `models:`, `seeds:` ... as written (`+` prefixes kept), rendered. */
  readonly configs: Readonly<Record<ConfigSection, YamlMap>>;
  /** The same before rendering, for `unrendered_config`. */
  readonly unrenderedConfigs: Readonly<Record<ConfigSection, YamlMap>>;
  readonly vars: YamlMap;
  readonly onRunStart: readonly string[];
  readonly onRunEnd: readonly string[];
  readonly dispatch: readonly { readonly macroNamespace: string; readonly searchOrder: readonly string[] }[];
  readonly quoting: { readonly database?: boolean; readonly schema?: boolean; readonly identifier?: boolean };
  readonly queryComment: YamlValue | undefined;
  readonly requireDbtVersion: readonly string[];
  readonly flags: YamlMap;
  readonly restrictAccess: boolean;
}

export type ConfigSection =
  | 'models'
  | 'seeds'
  | 'snapshots'
  | 'tests'
  | 'sources'
  | 'exposures'
  | 'metrics'
  | 'semantic-models'
  | 'saved-queries'
  | 'unit-tests'
  | 'functions';

export interface Package {
  readonly name: string;
  /** Absolute path. */
  readonly root: string;
  readonly config: ProjectConfig;
  readonly isRoot: boolean;
}

/** A catalog of catalogs.yml, with the write_integration that is in use. */
export interface Catalog {
  readonly name: string;
  /** In upper case: `BUILT_IN`. */
  readonly catalogType: string;
  readonly catalogName: string;
  readonly externalVolume: string | null;
  /** `adapter_properties`. */
  readonly properties: YamlMap;
}

/** The chosen output of profiles.yml. `credentials` holds secrets: never print or serialise it. */
export interface Target {
  readonly profileName: string;
  readonly name: string;
  readonly type: string;
  readonly threads: number;
  readonly credentials: YamlMap;
  /** Relative paths in `credentials` start here: the root package's folder, which dbt makes its working folder. */
  readonly root: string;
  /** Absolute path of the profiles.yml, or null for the built-in DuckDB target. */
  readonly profilesFile: string | null;
}

export interface LoadOptions {
  /** Default: the current folder, or the nearest parent with a dbt_project.yml. */
  readonly projectDir?: string;
  readonly profilesDir?: string;
  readonly profile?: string;
  readonly target?: string;
  readonly vars?: YamlMap;
  readonly threads?: number;
  readonly targetPath?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: true. False leaves `require-dbt-version` unchecked. */
  readonly versionCheck?: boolean;
}

export interface Project {
  /** Absolute path of the root package. */
  readonly root: string;
  readonly config: ProjectConfig;
  /** The root package first, then installed packages by name. */
  readonly packages: readonly Package[];
  readonly target: Target;
  /** Those of catalogs.yml by their names in upper case; absent where there is no such file. */
  readonly catalogs?: ReadonlyMap<string, Catalog>;
  /** `--vars`. */
  readonly cliVars: YamlMap;
  /** Absolute path of the folder for artifacts (`target/`). */
  readonly targetDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly diagnostics: readonly Diagnostic[];
}
