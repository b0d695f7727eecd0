export { textRenderer } from './config-context.js';
export { DBT_VERSION } from './dbt-version.js';
export { type FoundFile, findFiles } from './find-files.js';
export { loadProject } from './load.js';
export { loadRoot, type RootProject } from './load-root.js';
export type {
  Catalog,
  ConfigSection,
  LoadOptions,
  Package,
  Project,
  ProjectConfig,
  Target,
  YamlMap,
  YamlValue,
} from './project.js';
export {
  type Properties,
  type PropertiesSource,
  type PropertyEntry,
  readProperties,
  renderProperties,
} from './properties.js';
export type { PropertyKind } from './property-schemas.js';
export { plainText, type RenderOptions, type RenderText, renderValue } from './render.js';
export { loadSelectors, type SelectorEntry } from './selectors-file.js';
export { databaseOfPath, targetContext } from './target.js';
export { parseVars } from './vars.js';
export { readYaml, type YamlFile, type YamlPath } from './yaml.js';
export { isYamlMap } from './yaml-map.js';
