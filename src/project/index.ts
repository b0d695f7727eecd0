export { DBT_VERSION } from './dbt-version.js';
export { loadProject } from './load.js';
export type {
  ConfigSection,
  LoadOptions,
  Package,
  Project,
  ProjectConfig,
  Target,
  YamlMap,
  YamlValue,
} from './project.js';
export { plainText, type RenderOptions, type RenderText, renderValue } from './render.js';
export { databaseOfPath, targetContext } from './target.js';
export { isYamlMap, readYaml, type YamlFile, type YamlPath } from './yaml.js';
