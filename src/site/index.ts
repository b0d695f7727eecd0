export { buildStatus } from './build-status.js';
export {
  collectReport,
  REPORT_RELATIONS,
  type ReportHeading,
  type ReportQuery,
  type ReportRelation,
} from './collect.js';
export { docsPage, type InlineArtifacts } from './docs/page.js';
export { type DocsServer, openBrowser, serveDocs } from './docs/serve.js';
export { renderReport } from './report.js';
export * from './report-input.js';
