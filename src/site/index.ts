export { collectReport, REPORT_RELATIONS, type ReportQuery, type ReportRelation } from './collect.js';
export { renderReport } from './report.js';
export * from './report-input.js';
