export { collectReport, REPORT_RELATIONS, type ReportQuery, type ReportRelation } from './collect.js';
export { docsPage, type InlineArtifacts } from './docs/page.js';
export { type DocsServer, openBrowser, serveDocs } from './docs/serve.js';
export { renderReport } from './report.js';
export * from './report-input.js';
