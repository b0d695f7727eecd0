import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { collectReport, REPORT_RELATIONS, type ReportInput, type ReportQuery } from '../../../src/site/index.js';
import { EMPTY_REPORT } from './report-example.js';

const MARTS = `
create table as_of as select date '2025-01-31' as as_of_date;
create table fact_daily_active_users as
  select * from (values (date '2025-01-30', 3::bigint), (date '2025-01-31', 2), (date '2025-02-01', 9)) t(date, dau);
create table fact_weekly_active_users as
  select * from (values (2025, 5, date '2025-01-27', 4::bigint)) t(year, week, week_start_date, wau);
create table fact_stickiness as
  select * from (values (date '2025-01-31', 2, 3, 4, 2 / 3, 0.5), (date '2025-01-30', 0, 0, 0, null, null))
    t(date, dau, wau_7d, mau_30d, dau_wau, stickiness);
create table fact_feature_summary as
  select 'f' || i as feature_used, 'payments' as category_used, 100 - i as events, 10 as users, 5 / 2 as average_session_minutes,
    cast(0.25 as decimal(9, 4)) as event_share, i as usage_rank
  from range(1, 40) t(i);
create table fact_retention as
  select * from (values (date '2025-01-01', date '2025-01-01', 0, 10::bigint, 7::bigint, 0.7))
    t(cohort_month, activity_month, months_since_signup, cohort_users, active_users, retention_rate);
create table fact_activation_funnel as
  select * from (values (2, 'came_back', 3::bigint, 0.75, 0.75), (1, 'signed_up', 4, 1.0, null))
    t(step, step_name, users, share_of_signups, share_of_previous);
create table fact_plan_movements as
  select * from (values (date '2025-01-01', 'new', 2::bigint, 2::bigint, 9.98), (date '2025-02-01', 'new', 1, 1, 4.99))
    t(month, movement, changes, users, mrr_change);
create table churn_lift as
  select * from (values (1, 50::bigint, 0.8, 0.9, 0.7, 0.95, 1.8, 0.5, 0.9))
    t(risk_group, users, predicted_rate, observed_rate, observed_rate_low, observed_rate_high, lift, share_of_users, share_of_churned);
create table stg_load_summary as
  select * from (values ('staged', 'ok', 7::hugeint), ('quarantined', 'unknown_platform', 2)) t(outcome, reason, records);
create table dim_users as
  select * from (values
    ('1', 'free', 'Power Users', 10::bigint, 5::bigint, 100.0, 10.0, 4::bigint, 0::bigint, 0.04, false),
    ('2', 'free', 'Power Users', 20, 7, 300.0, 15.0, 6, 3, 0.06, false),
    ('3', 'plus', 'At-Risk', 2, 1, 10.0, 5.0, 1, 29, 1.0, true),
    ('4', 'plus', 'At-Risk', 2, 1, 10.0, 5.0, 1, 30, 0.99, true),
    ('5', 'free', null, 0, 0, 0.0, 0.0, 0, null, null, null)
  ) t(user_id, plan, segment, total_events, login_frequency, total_session_length_minutes, average_session_length_minutes,
    unique_features_used, days_since_last_login, churn_probability, predicted_churn);
`;

let query: ReportQuery;
beforeAll(async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(MARTS);
  query = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS();
});

const all = Object.fromEntries(REPORT_RELATIONS.map((name) => [name, `"main"."${name}"`]));

function check(report: ReportInput): void {
  expect(report.asOf).toBe('2025-01-31');
  expect(report.totals).toEqual({ users: 5, activeUsers: 4, events: 34 });
  expect(report.daily).toEqual([
    { date: '2025-01-30', dau: 3 },
    { date: '2025-01-31', dau: 2 },
  ]);
  expect(report.weekly).toEqual([{ year: 2025, week: 5, week_start_date: '2025-01-27', wau: 4 }]);
  expect(report.stickiness).toEqual([
    { date: '2025-01-30', dau: 0, wau_7d: 0, mau_30d: 0, stickiness: null },
    { date: '2025-01-31', dau: 2, wau_7d: 3, mau_30d: 4, stickiness: 0.5 },
  ]);
  expect(report.segments).toEqual([
    {
      segment: 'Power Users',
      users: 2,
      total_events: 15,
      login_frequency: 6,
      total_session_length_minutes: 200,
      average_session_length_minutes: 12.5,
      unique_features_used: 5,
      days_since_last_login: 1.5,
      churn_probability: 0.05,
    },
    expect.objectContaining({ segment: 'At-Risk', users: 2, churn_probability: 0.995 }),
  ]);
  expect(report.churn).toEqual({
    scored: 4,
    predicted: 2,
    recent: { scored: 3, predicted: 1, mean: expect.closeTo(1.1 / 3, 9) },
    histogram: [
      { from: 0, to: 0.05, users: 1, recent: 1 },
      { from: 0.05, to: 0.1, users: 1, recent: 1 },
      { from: 0.95, to: 1, users: 2, recent: 1 },
    ],
    byPlan: [
      { plan: 'free', users: 2, predicted: 0 },
      { plan: 'plus', users: 1, predicted: 1 },
    ],
  });
  expect(report.topFeatures).toHaveLength(15);
  expect(report.topFeatures[0]).toEqual({
    feature_used: 'f1',
    category_used: 'payments',
    events: 99,
    users: 10,
    average_session_minutes: 2.5,
    event_share: 0.25,
  });
  expect(report.retention).toEqual([
    {
      cohort_month: '2025-01-01',
      activity_month: '2025-01-01',
      months_since_signup: 0,
      cohort_users: 10,
      active_users: 7,
      retention_rate: 0.7,
    },
  ]);
  expect(report.funnel).toEqual([
    { step_name: 'signed_up', users: 4, share_of_signups: 1, share_of_previous: null },
    { step_name: 'came_back', users: 3, share_of_signups: 0.75, share_of_previous: 0.75 },
  ]);
  expect(report.movements).toEqual([{ month: '2025-01-01', movement: 'new', changes: 2, mrr_change: 9.98 }]);
  expect(report.lift).toEqual([
    {
      risk_group: 1,
      users: 50,
      predicted_rate: 0.8,
      observed_rate: 0.9,
      low: 0.7,
      high: 0.95,
      lift: 1.8,
      share_of_users: 0.5,
      share_of_churned: 0.9,
    },
  ]);
  expect(report.load).toEqual([
    { outcome: 'staged', reason: 'ok', records: 7 },
    { outcome: 'quarantined', reason: 'unknown_platform', records: 2 },
  ]);
}

describe('collectReport', () => {
  it('reads the figures from the marts', async () => check(await collectReport(query, all)));

  it('reads them from a driver with upper-case names, decimals and dates as text', async () => {
    const shout: ReportQuery = async (sql) =>
      (await query(sql)).map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name.toUpperCase(),
            value instanceof Date
              ? value.toISOString().slice(0, 10)
              : typeof value === 'number' || typeof value === 'bigint'
                ? String(value)
                : value,
          ]),
        ),
      );
    check(await collectReport(shout, all));
  });

  it('leaves empty what was not built, and takes today from the newest day then', async () => {
    expect(await collectReport(query, {})).toEqual(EMPTY_REPORT);
    const some = await collectReport(query, { fact_daily_active_users: 'fact_daily_active_users' }, { title: 'Mine' });
    expect(some).toMatchObject({ title: 'Mine', asOf: '2025-02-01', daily: [{}, {}, {}], segments: [] });
  });

  it('hands on what the warehouse complains of', async () => {
    await expect(collectReport(query, { dim_users: 'no_such_table' })).rejects.toThrow('no_such_table');
  });
});
