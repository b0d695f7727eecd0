/** `ref.config`, `source.config`: the project's settings. dbt documents none of it, but packages read it. */
import { Dict, HostObject, hostFunction, toJinja } from '../../jinja/index.js';
import type { Package, ProjectConfig } from '../../project/project.js';
import type { ParsedProject } from '../state.js';

/** An object with the attributes of a table, made when they are asked for. */
class Attributes extends HostObject {
  constructor(
    readonly kind: string,
    readonly table: Readonly<Record<string, () => unknown>>,
  ) {
    super();
  }

  override get typeName(): string {
    return this.kind;
  }

  override getAttribute(name: string): unknown {
    return Object.hasOwn(this.table, name) ? toJinja(this.table[name]?.()) : undefined;
  }
}

function packageSettings(root: string, config: ProjectConfig): Record<string, () => unknown> {
  return {
    project_name: () => config.name,
    version: () => config.version,
    project_root: () => root,
    profile_name: () => config.profile,
    model_paths: () => config.modelPaths,
    seed_paths: () => config.seedPaths,
    snapshot_paths: () => config.snapshotPaths,
    macro_paths: () => config.macroPaths,
    test_paths: () => config.testPaths,
    analysis_paths: () => config.analysisPaths,
    docs_paths: () => config.docsPaths,
    asset_paths: () => config.assetPaths,
    clean_targets: () => config.cleanTargets,
    packages_install_path: () => config.packagesInstallPath,
    vars: () =>
      new Attributes('VarProvider', {
        vars: () => config.vars,
        to_dict: () => hostFunction('to_dict', [], () => toJinja(config.vars)),
      }),
  };
}

/** The root project's settings, with those of the packages as `dependencies`. */
export function runtimeConfig({ project, invocation, reads }: ParsedProject, nodeId: string | undefined): HostObject {
  const { config, target } = project;
  const installed = ({ root, config: own }: Package) => new Attributes('RuntimeConfig', packageSettings(root, own));
  return new Attributes('RuntimeConfig', {
    ...packageSettings(project.root, config),
    profile_name: () => target.profileName,
    target_name: () => target.name,
    threads: () => target.threads,
    project_target_path: () => config.targetPath,
    cli_vars: () => project.cliVars,
    args: () => {
      reads.member('invocation_args_dict', nodeId);
      return new Attributes(
        'Namespace',
        Object.fromEntries(Object.entries(invocation.args).map(([name, value]) => [name, () => value])),
      );
    },
    dependencies: () => new Dict(project.packages.map((each) => [each.name, installed(each)] as const)),
  });
}
