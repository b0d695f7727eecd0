import type { EventName } from './output/output.js';

/** dbt's events for our warnings, by their codes: the name that `--warn-error-options` knows, and the code in dbt's log. */
const EVENTS: Readonly<Record<string, readonly [name: string, code: string]>> = {
  'nothing-selected': ['NoNodesForSelectionCriteria', 'M030'],
  warning: ['JinjaLogWarning', 'I061'],
  'macro-warning': ['JinjaLogWarning', 'I061'],
  'test-failed': ['LogTestResult', 'Q007'],
  'no-node-for-properties': ['NoNodeForYamlKey', 'I058'],
  'unfiltered-microbatch': ['MicrobatchModelNoEventTimeInputs', 'I074'],
  'deprecated-model': ['DeprecatedModel', 'I065'],
  'deprecated-ref': ['DeprecatedReference', 'I067'],
  'upcoming-deprecation': ['UpcomingReferenceDeprecation', 'I066'],
  'macro-arguments': ['InvalidMacroAnnotation', 'I076'],
  'unpinned-package': ['DepsUnpinned', 'M029'],
  'package-moved': ['PackageRedirectDeprecation', 'D001'],
  'unknown-config': ['CustomKeyInConfigDeprecation', 'D026'],
  'unknown-key': ['CustomKeyInObjectDeprecation', 'D027'],
  'nothing-to-do': ['NothingToDo', 'Q035'],
  'older-warn-error-names': ['WEOIncludeExcludeDeprecation', 'D031'],
  'state-is-target': ['WarnStateTargetEqual', 'I072'],
};

/** dbt's event for a warning of ours; undefined where dbt has none. */
export function dbtEvent(code: string): EventName | undefined {
  const event = EVENTS[code];
  return event === undefined ? undefined : { name: event[0], code: event[1] };
}
