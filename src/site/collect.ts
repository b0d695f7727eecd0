import { collectFunnel, collectLift, collectMovements } from './collect-growth.js';
import { type Fields, fields } from './fields.js';
import { type BuildStatus, RECENT_DAYS, type ReportInput } from './report-input.js';

/** The models that the report reads. */
export const REPORT_RELATIONS = [
  'as_of',
  'dim_users',
  'fact_daily_active_users',
  'fact_weekly_active_users',
  'fact_stickiness',
  'fact_feature_summary',
  'fact_retention',
  'fact_activation_funnel',
  'fact_plan_movements',
  'churn_lift',
  'stg_load_summary',
] as const;
export type ReportRelation = (typeof REPORT_RELATIONS)[number];

/** Runs one statement; column names of the rows may come in either case. */
export type ReportQuery = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** What stands over the page, and what is known of how its tables were built. */
export interface ReportHeading {
  readonly title: string;
  readonly subtitle?: string | undefined;
  readonly build?: BuildStatus | undefined;
}

/** Features shown. */
const TOP_FEATURES = 15;
const CHURN_BINS = 20;

/**
 * Reads the report's figures from the marts. The SQL is the part of it that DuckDB and Snowflake share.
 *
 * @param query Runs a statement on the target.
 * @param relations For each model, its relation as it stands in SQL (`"db"."main"."dim_users"`). A model that is left out
 * was not built; its section of the report then says so.
 * @throws whatever `query` throws.
 */
export async function collectReport(
  query: ReportQuery,
  relations: Readonly<Partial<Record<ReportRelation, string>>>,
  heading: ReportHeading = { title: 'UserPulse' },
): Promise<ReportInput> {
  const read = async (relation: ReportRelation, sql: (name: string) => string): Promise<Fields[]> => {
    const name = relations[relation];
    return name === undefined ? [] : (await query(sql(name))).map(fields);
  };
  const [today] = await read('as_of', (name) => `select as_of_date from ${name}`);
  const daily = (await read('fact_daily_active_users', (name) => `select date, dau from ${name} order by date`)).map(
    (row) => ({
      date: row.date('date'),
      dau: row.number('dau'),
    }),
  );
  const asOf = today?.dateOrNull('as_of_date') ?? daily.at(-1)?.date ?? '';
  const [totals] = await read(
    'dim_users',
    (name) => `
      select count(*) as users, sum(case when total_events > 0 then 1 else 0 end) as active_users, sum(total_events) as events
      from ${name}`,
  );

  return {
    ...heading,
    asOf,
    totals: {
      users: totals?.number('users') ?? 0,
      activeUsers: totals?.number('active_users') ?? 0,
      events: totals?.number('events') ?? 0,
    },
    daily: daily.filter((row) => row.date <= asOf),
    weekly: (
      await read(
        'fact_weekly_active_users',
        (name) => `select year, week, week_start_date, wau from ${name} order by week_start_date`,
      )
    )
      .map((row) => ({
        year: row.number('year'),
        week: row.number('week'),
        week_start_date: row.date('week_start_date'),
        wau: row.number('wau'),
      }))
      .filter((row) => row.week_start_date <= asOf),
    stickiness: (
      await read(
        'fact_stickiness',
        (name) => `select date, dau, wau_7d, mau_30d, stickiness from ${name} order by date`,
      )
    )
      .map((row) => ({
        date: row.date('date'),
        dau: row.number('dau'),
        wau_7d: row.number('wau_7d'),
        mau_30d: row.number('mau_30d'),
        stickiness: row.numberOrNull('stickiness'),
      }))
      .filter((row) => row.date <= asOf),
    segments: (
      await read(
        'dim_users',
        (name) => `
          select
            segment,
            count(*) as users,
            avg(total_events) as total_events,
            avg(login_frequency) as login_frequency,
            avg(total_session_length_minutes) as total_session_length_minutes,
            avg(average_session_length_minutes) as average_session_length_minutes,
            avg(unique_features_used) as unique_features_used,
            avg(days_since_last_login) as days_since_last_login,
            avg(churn_probability) as churn_probability
          from ${name}
          where segment is not null
          group by segment
          order by avg(total_events) desc, segment`,
      )
    ).map((row) => ({
      segment: row.text('segment'),
      users: row.number('users'),
      total_events: row.number('total_events'),
      login_frequency: row.number('login_frequency'),
      total_session_length_minutes: row.number('total_session_length_minutes'),
      average_session_length_minutes: row.number('average_session_length_minutes'),
      unique_features_used: row.number('unique_features_used'),
      days_since_last_login: row.number('days_since_last_login'),
      churn_probability: row.numberOrNull('churn_probability'),
    })),
    churn: await collectChurn(read),
    lift: await collectLift(read),
    funnel: await collectFunnel(read),
    movements: await collectMovements(read, asOf),
    topFeatures: (
      await read(
        'fact_feature_summary',
        (name) => `
          select feature_used, category_used, events, users, average_session_minutes, event_share
          from ${name}
          where usage_rank <= ${TOP_FEATURES}
          order by usage_rank`,
      )
    ).map((row) => ({
      feature_used: row.text('feature_used'),
      category_used: row.text('category_used'),
      events: row.number('events'),
      users: row.number('users'),
      average_session_minutes: row.number('average_session_minutes'),
      event_share: row.number('event_share'),
    })),
    retention: (
      await read(
        'fact_retention',
        (name) => `
          select cohort_month, activity_month, months_since_signup, cohort_users, active_users, retention_rate
          from ${name}
          order by cohort_month, activity_month`,
      )
    ).map((row) => ({
      cohort_month: row.date('cohort_month'),
      activity_month: row.date('activity_month'),
      months_since_signup: row.number('months_since_signup'),
      cohort_users: row.number('cohort_users'),
      active_users: row.number('active_users'),
      retention_rate: row.number('retention_rate'),
    })),
    load: (
      await read(
        'stg_load_summary',
        (name) => `select outcome, reason, records from ${name} order by records desc, reason`,
      )
    ).map((row) => ({ outcome: row.text('outcome'), reason: row.text('reason'), records: row.number('records') })),
  };
}

export type Read = (relation: ReportRelation, sql: (name: string) => string) => Promise<Fields[]>;

async function collectChurn(read: Read): Promise<ReportInput['churn']> {
  const recent = `days_since_last_login < ${RECENT_DAYS}`;
  const [summary] = await read(
    'dim_users',
    (name) => `
      select
        count(*) as scored,
        sum(case when predicted_churn then 1 else 0 end) as predicted,
        sum(case when ${recent} then 1 else 0 end) as recent_scored,
        sum(case when ${recent} and predicted_churn then 1 else 0 end) as recent_predicted,
        avg(case when ${recent} then churn_probability end) as recent_mean
      from ${name}
      where churn_probability is not null`,
  );
  const bins = await read(
    'dim_users',
    (name) => `
      select
        least(floor(churn_probability * ${CHURN_BINS}), ${CHURN_BINS - 1}) as bin,
        count(*) as users,
        sum(case when ${recent} then 1 else 0 end) as recent
      from ${name}
      where churn_probability is not null
      group by 1
      order by 1`,
  );
  const plans = await read(
    'dim_users',
    (name) => `
      select plan, count(*) as users, sum(case when predicted_churn then 1 else 0 end) as predicted
      from ${name}
      where churn_probability is not null and plan is not null and ${recent}
      group by plan
      order by count(*) desc, plan`,
  );
  return {
    scored: summary?.number('scored') ?? 0,
    predicted: summary?.number('predicted') ?? 0,
    recent: {
      scored: summary?.number('recent_scored') ?? 0,
      predicted: summary?.number('recent_predicted') ?? 0,
      mean: summary?.numberOrNull('recent_mean') ?? null,
    },
    histogram: bins.map((row) => {
      const bin = row.number('bin');
      const place = { from: bin / CHURN_BINS, to: (bin + 1) / CHURN_BINS };
      return { ...place, users: row.number('users'), recent: row.number('recent') };
    }),
    byPlan: plans.map((row) => ({
      plan: row.text('plan'),
      users: row.number('users'),
      predicted: row.number('predicted'),
    })),
  };
}
