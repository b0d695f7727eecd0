import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { REPORT_RELATIONS } from '../../src/site/index.js';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { closeBuilt, copyUserPulse, difference, openBuilt, query, run } from './userpulse-project.js';

const SMALL = ['--users', '500', '--events', '20000', '--days', '365'];

/** The good events of the raw files, each once, read without the project's models. */
const goodEvents = (root: string): string => `
  select distinct user_id, timestamp, category_used, feature_used, session_length, platform, timestamp::date as date
  from read_json('${root}/data/raw/events*.jsonl', format = 'newline_delimited', ignore_errors = true, columns = {
    user_id: 'varchar', timestamp: 'timestamp', category_used: 'varchar', feature_used: 'varchar',
    session_length: 'double', platform: 'varchar'})
  where user_id is not null and timestamp is not null and category_used is not null and feature_used is not null
    and session_length is not null and platform in ('ios', 'android', 'web')`;

describe('UserPulse over simulated events', () => {
  let root = '';
  let db: DuckDBConnection;
  let output = '';

  beforeAll(async () => {
    await compileBin();
    root = copyUserPulse();
    run(root, ['simulate', ...SMALL, '--out', 'data/raw']);
    output = run(root, ['build']).stdout;
    db = await openBuilt(root);
    await db.run(`create temp table raw as ${goodEvents(root)}`);
  });

  /** Opens the database again, which a command has had to itself. */
  const reopen = async (): Promise<void> => {
    db = await openBuilt(root);
    await db.run(`create temp table raw as ${goodEvents(root)}`);
  };

  /** Expects a table, or part of it, to hold the rows that a query over the raw events gives. */
  const expectRows = async (built: string, recomputed: string): Promise<void> => {
    expect(await difference(db, built, recomputed)).toEqual([]);
    const [count] = await query(db, `select count(*)::int as n from (${built})`);
    expect(count?.n).toBeGreaterThan(0);
  };

  it('builds every model and passes every test', () => {
    expect(output).toMatch(/Completed successfully/);
    expect(output).toMatch(/PASS=\d{3} WARN=0 ERROR=0 SKIP=0/);
    const results = JSON.parse(readFileSync(join(root, 'target/run_results.json'), 'utf8')).results as {
      unique_id: string;
      status: string;
    }[];
    const models = results.filter(({ unique_id }) => unique_id.startsWith('model.'));
    expect(models).toHaveLength(31);
    expect(models.every(({ status }) => status === 'success')).toBe(true);
    expect(results.filter(({ unique_id }) => unique_id.startsWith('test.')).length).toBeGreaterThan(200);
    const unitTests = results.filter(({ unique_id }) => unique_id.startsWith('unit_test.'));
    expect(unitTests.length).toBeGreaterThan(5);
    expect(unitTests.every(({ status }) => status === 'pass')).toBe(true);
  });

  it('documents every table and column, and tests every table', async () => {
    const manifest = JSON.parse(readFileSync(join(root, 'target/manifest.json'), 'utf8')) as {
      nodes: Record<
        string,
        { name: string; resource_type: string; description: string; columns: Record<string, { description: string }> }
      >;
      child_map: Record<string, string[]>;
    };
    const built = await query(
      db,
      `select table_name as name, list(column_name order by ordinal_position) as columns
       from information_schema.columns where table_catalog = 'built' group by table_name`,
    );
    expect(built).toHaveLength(34);
    for (const { name, columns } of built) {
      const [id, node] =
        Object.entries(manifest.nodes).find(([, n]) => n.name === name && n.resource_type !== 'test') ?? [];
      expect([name, node?.description]).toEqual([name, expect.stringMatching(/\w/)]);
      const described = Object.entries(node?.columns ?? {}).filter(([, column]) => /\w/.test(column.description));
      expect([name, described.map(([column]) => column).sort()]).toEqual([name, [...(columns as string[])].sort()]);
      const children = manifest.child_map[id ?? ''] ?? [];
      expect([name, children.some((child) => child.startsWith('test.'))]).toEqual([name, true]);
    }
  });

  it('keeps every good event once, and the bad ones aside with the reason', async () => {
    await expectRows(
      'select user_id, timestamp, category_used, feature_used, session_length_sec, platform, date from fact_events',
      'select * from raw',
    );
    const lines = readFileSync(join(root, 'data/raw/events.jsonl'), 'utf8').trimEnd().split('\n');
    const [summary] = await query(
      db,
      `select sum(records)::int as records,
        sum(records) filter (outcome = 'staged')::int as staged,
        sum(records) filter (outcome = 'quarantined')::int as quarantined from stg_load_summary`,
    );
    expect(summary?.records).toBe(lines.length);
    expect(summary?.staged).toBe(20_000);
    const kept = await query(db, 'select reason, raw_record from stg_events_quarantine');
    expect(kept.length).toBe(summary?.quarantined);
    for (const { reason, raw_record } of kept) {
      expect(lines).toContain(raw_record);
      if (reason === 'unreadable_record') expect(() => JSON.parse(String(raw_record))).toThrow();
      else
        expect(['missing_user_id', 'missing_timestamp', 'missing_feature_used', 'unknown_platform']).toContain(reason);
    }
  });

  it('counts daily, weekly and rolling active users as the raw events do', async () => {
    await expectRows(
      'select date, dau from fact_daily_active_users',
      'select date, count(distinct user_id) from raw group by date',
    );
    await expectRows(
      'select year, week, week_start_date, wau from fact_weekly_active_users',
      `select strftime(date, '%G')::int, strftime(date, '%V')::int, (date - (isodow(date) - 1)::int)::date, count(distinct user_id)
       from raw group by all`,
    );
    await expectRows(
      'select date, dau, wau_7d, mau_30d from fact_stickiness',
      `select days.date, count(distinct user_id) filter (raw.date = days.date),
         count(distinct user_id) filter (raw.date > days.date - 7), count(distinct user_id)
       from (select unnest(generate_series(min(date), max(date), interval 1 day))::date as date from raw) as days
       left join raw on raw.date between days.date - 29 and days.date group by days.date`,
    );
  });

  it('measures users as the raw events do', async () => {
    await expectRows(
      `select user_id, round(total_session_length_minutes, 6), round(average_session_length_minutes, 6), login_frequency,
         unique_features_used, unique_categories_used, total_events, days_since_last_login,
         platform_web, platform_ios, platform_android from dim_users where total_events > 0`,
      `select user_id, round(sum(session_length) / 60, 6), round(avg(session_length) / 60, 6), count(distinct date),
         count(distinct feature_used), count(distinct category_used), count(*), (select max(date) from raw) - max(date),
         count(*) filter (platform = 'web'), count(*) filter (platform = 'ios'), count(*) filter (platform = 'android')
       from raw group by user_id`,
    );
    await expectRows(
      'select user_id, name, email, country, signup_date from dim_users where has_profile',
      `select user_id, name, email, country, signup_date from read_json('${root}/data/raw/users.jsonl', columns = {
         user_id: 'varchar', name: 'varchar', email: 'varchar', country: 'varchar', plan: 'varchar', signup_date: 'date'})`,
    );
    const [idle] = await query(
      db,
      `select count(*)::int as n, count(days_since_last_login)::int as logins, count(segment)::int as segments,
         sum(login_frequency + unique_features_used + platform_web)::int as counted
       from dim_users where total_events = 0`,
    );
    expect(idle).toMatchObject({ logins: 0, segments: 0, counted: 0 });
    expect(idle?.n).toBeGreaterThan(0);
  });

  it('measures features as the raw events do', async () => {
    await expectRows(
      'select feature_used, category_used, date, events, users, round(session_minutes, 6) from fact_feature_usage',
      `select feature_used, category_used, date, count(*), count(distinct user_id), round(sum(session_length) / 60, 6)
       from raw group by all`,
    );
    await expectRows(
      'select feature_used, events, users, round(session_minutes, 6), usage_rank from fact_feature_summary',
      `select feature_used, count(*), count(distinct user_id), round(sum(session_length) / 60, 6),
         row_number() over (order by count(*) desc, feature_used) from raw group by feature_used`,
    );
  });

  it('follows cohorts of sign-ups', async () => {
    await expectRows(
      'select cohort_month, activity_month, active_users from fact_retention where active_users > 0',
      `with seen as (select user_id, min(date) as first_date from raw group by user_id),
         cohorts as (select user_id, date_trunc('month', least(signup_date, first_date))::date as cohort
           from seen join dim_users using (user_id))
       select cohort, date_trunc('month', date)::date, count(distinct user_id)
       from raw join cohorts using (user_id) group by all`,
    );
    const [first] = await query(
      db,
      `select sum(cohort_users)::int as users from (select distinct cohort_month, cohort_users from fact_retention)`,
    );
    expect(first?.users).toBe(500);
  });

  it('follows plans and what they bring in', async () => {
    const changes = `read_json('${root}/data/raw/plan_changes.jsonl', columns = {
      user_id: 'varchar', changed_at: 'timestamp', previous_plan: 'varchar', plan: 'varchar'})`;
    await expectRows(
      'select user_id, previous_plan, plan, valid_from from fact_plan_history where previous_plan is not null',
      `select user_id, previous_plan, plan, changed_at from ${changes}`,
    );
    await expectRows(
      'select user_id, plan from dim_users',
      `select users.user_id::varchar, coalesce(arg_max(changes.plan, changed_at), any_value(users.plan))
       from read_json('${root}/data/raw/users.jsonl') as users
       left join ${changes} as changes on users.user_id::varchar = changes.user_id
       group by users.user_id`,
    );
    const [revenue] = await query(
      db,
      `select round(sum(mrr_change), 2) as moved,
         (select round(sum(monthly_price_cents) / 100, 2) from dim_users join plans using (plan)) as paid from fact_plan_movements`,
    );
    expect(revenue?.moved).toBe(revenue?.paid);
    expect(Number(revenue?.paid)).toBeGreaterThan(500);
  });

  it('follows new users as the raw events do', async () => {
    await expectRows(
      'select step, users from fact_activation_funnel',
      `with users as (
         select user_id, signup_date as d from dim_users, as_of
         where signup_date >= first_event_date and signup_date <= as_of_date - 60),
       did as (
         select user_id,
           coalesce(bool_or(date between d and d + 7), false) as first,
           count(distinct date) filter (date between d and d + 14) > 1 as back,
           count(distinct feature_used) filter (date <= d + 30) >= 3 as three,
           coalesce(bool_or(date between d + 31 and d + 60), false) as stayed
         from users left join raw using (user_id) group by user_id)
       select 1, count(*) from did
       union all select 2, count(*) from did where first
       union all select 3, count(*) from did where first and back
       union all select 4, count(*) from did where first and back and three
       union all select 5, count(*) from did where first and back and three and stayed`,
    );
  });

  it('knows how fresh its sources are by its own clock', async () => {
    await closeBuilt(db);
    const fresh = run(root, ['source', 'freshness']);
    expect(fresh.stdout).toMatch(/PASS=2 WARN=0 ERROR=0/);
    const results = (): { unique_id: string; status: string; max_loaded_at_time_ago_in_s: number }[] =>
      JSON.parse(readFileSync(join(root, 'target/sources.json'), 'utf8')).results;
    const events = () => results().find(({ unique_id }) => unique_id.endsWith('raw_events'));
    expect(events()?.max_loaded_at_time_ago_in_s).toBeLessThan(86_400);
    // The project's today is three days after the newest event.
    run(root, ['source', 'freshness', '--vars', 'as_of: 2026-01-02'], 1);
    expect(events()?.status).toBe('error');
    expect(events()?.max_loaded_at_time_ago_in_s).toBeGreaterThan(2 * 86_400);
    expect(events()?.max_loaded_at_time_ago_in_s).toBeLessThan(3 * 86_400);
    run(root, ['source', 'freshness', '--vars', 'as_of: 2025-09-15']);
    expect(events()?.status).toBe('pass');
    run(root, ['source', 'freshness', '--vars', 'freshness_clock: wall'], 1);
    expect(events()?.status).toBe('error');
    await reopen();
  });

  it('has an exposure for each section of the report, of all that the report reads', async () => {
    const manifest = JSON.parse(readFileSync(join(root, 'target/manifest.json'), 'utf8')) as {
      exposures: Record<string, { depends_on: { nodes: string[] }; url: string }>;
    };
    const exposures = Object.values(manifest.exposures);
    const read = new Set(exposures.flatMap(({ depends_on }) => depends_on.nodes.map((id) => id.split('.').at(-1))));
    expect([...read].sort()).toEqual([...REPORT_RELATIONS].sort());
    await closeBuilt(db);
    run(root, ['report']);
    await reopen();
    const page = readFileSync(join(root, 'target/report.html'), 'utf8');
    for (const { url } of exposures) expect(page).toContain(`id="${url.split('#')[1]}"`);
  });

  it('keeps the contracts of its marts: a mart that gives another type is not built', async () => {
    const file = join(root, 'models/marts/fact_daily_active_users.sql');
    const good = readFileSync(file, 'utf8');
    await closeBuilt(db);
    writeFileSync(file, good.replace('dbt.type_bigint()', 'dbt.type_string()'));
    const { stdout } = run(root, ['run', '-s', 'fact_daily_active_users'], 1);
    writeFileSync(file, good);
    expect(stdout).toContain('dau');
    expect(stdout).toMatch(/varchar/i);
    await reopen();
    expect(await query(db, 'select typeof(any_value(dau)) as type from fact_daily_active_users')).toEqual([
      { type: 'BIGINT' },
    ]);
  });

  it('labels churn by the window after the cutoff and nothing else', async () => {
    await expectRows(
      `select split, user_id, cutoff_date, total_events, active_days, events_last_7d, days_since_last_event, churned from churn_features`,
      `with looks as (
         select split, (select max(date) from raw) - days as cutoff
         from (values ('train', 60), ('holdout', 30), ('score', 0)) as looks (split, days))
       select split, user_id, cutoff, count(*) filter (date <= cutoff), count(distinct date) filter (date <= cutoff),
         count(*) filter (date > cutoff - 7 and date <= cutoff), cutoff - max(date) filter (date <= cutoff),
         case when split <> 'score' then (count(*) filter (date > cutoff and date <= cutoff + 30) = 0)::int end
       from raw, looks group by split, user_id, cutoff having min(date) <= cutoff`,
    );
  });

  it('gives each active user a segment and a churn outlook that make sense', async () => {
    const segments = await query(
      db,
      `select segment, avg(total_events) as events, avg(days_since_last_login) as silence
       from dim_users where total_events > 0 group by segment`,
    );
    const of = (name: string) => segments.find(({ segment }) => segment === name);
    expect(segments.map(({ segment }) => segment).sort()).toEqual(['At-Risk', 'Casual Browsers', 'Power Users']);
    expect(of('Power Users')?.events).toBeGreaterThan(Number(of('Casual Browsers')?.events));
    expect(of('At-Risk')?.silence).toBeGreaterThan(Number(of('Casual Browsers')?.silence));

    // The simulator knows who has really left by the end; nobody told the model.
    const [truth] = await query(
      db,
      `select avg(churn_probability) filter (churn_date <= as_of_date) as gone,
         avg(churn_probability) filter (churn_date > as_of_date) as staying,
         bool_and(predicted_churn = (churn_probability >= 0.5)) as threshold_kept
       from dim_users, as_of, read_json('${root}/data/raw/truth.jsonl') as truth
       where dim_users.user_id = truth.user_id::varchar and total_events > 0`,
    );
    expect(truth?.gone).toBeGreaterThan(0.8);
    expect(truth?.staying).toBeLessThan(0.4);
    expect(truth?.threshold_kept).toBe(true);
  });

  it('sees the world as of a day in the past', async () => {
    run(root, ['build', '--vars', 'as_of: 2025-09-15', '--target-path', 'target-past']);
    const past = await openBuilt(root, 'target-past/userpulse.duckdb');
    await past.run(`create temp table raw as ${goodEvents(root)}`);
    expect(
      await difference(
        past,
        'select date, dau from fact_daily_active_users',
        `select date, count(distinct user_id)
       from raw where date <= '2025-09-15' group by date`,
      ),
    ).toEqual([]);
    const [seen] = await query(
      past,
      `select max(last_seen_date) as seen, (select max(cutoff_date) from churn_features) as cutoff,
         (select max(date) from fact_stickiness) as day, (select count(*)::int from fact_events) as events from dim_users`,
    );
    expect(seen).toEqual({ seen: '2025-09-15', cutoff: '2025-09-15', day: '2025-09-15', events: 20_000 });
  });
});

describe('UserPulse in batches', { timeout: 180_000 }, () => {
  beforeAll(compileBin);

  it('remembers plans that the app no longer tells of', async () => {
    const root = copyUserPulse();
    run(root, ['simulate', ...SMALL, '--to-day', '335', '--out', 'data/raw']);
    const plans = ['-s', '+fact_plan_movements', '--indirect-selection', 'buildable'];
    run(root, ['build', ...plans]);
    // The next batch tells of the last month only, and of the profiles as they were.
    run(root, ['simulate', ...SMALL, '--from-day', '335', '--to-day', '365', '--out', 'data/raw']);
    rmSync(join(root, 'data/raw/plan_changes.jsonl'));
    run(root, ['build', ...plans]);
    // Who is back on the plan of the sign-up has, without what was between, changed nothing; of all others the day is known.
    const plansOf = async (of: string): Promise<Record<string, unknown>[]> => {
      const db = await openBuilt(of);
      const rows = await query(
        db,
        `select user_id, history.plan, valid_from::text as valid_from
         from fact_plan_history as history join stg_users using (user_id)
         where valid_to is null and valid_from < '2025-12-01' and history.plan <> stg_users.plan order by user_id`,
      );
      await closeBuilt(db);
      return rows;
    };
    const whole = copyUserPulse();
    run(whole, ['simulate', ...SMALL, '--out', 'data/raw']);
    run(whole, ['build', ...plans]);
    const known = await plansOf(whole);
    expect(known.length).toBeGreaterThan(50);
    expect(await plansOf(root)).toEqual(known);
  });

  it('builds for an app that has no plans to change', async () => {
    const root = copyUserPulse();
    run(root, ['simulate', ...SMALL, '--out', 'data/raw']);
    rmSync(join(root, 'data/raw/plan_changes.jsonl'));
    run(root, ['build', '-s', '+dim_users', '+fact_plan_movements', '--indirect-selection', 'buildable']);
    const db = await openBuilt(root);
    expect(await query(db, 'select count(*)::int as n from stg_plan_changes')).toEqual([{ n: 0 }]);
    const [users] = await query(db, 'select count(plan)::int as plans, count(*)::int as users from dim_users');
    expect(users).toEqual({ plans: 500, users: 500 });
    await closeBuilt(db);
  });

  it('adds only what is new, late events included, and equals a full build row by row', async () => {
    const root = copyUserPulse();
    run(root, ['simulate', ...SMALL, '--to-day', '335', '--out', 'data/raw']);
    run(root, ['build']);
    let db = await openBuilt(root);
    const before = await query(db, 'select rowid::int as place, event_key from fact_events order by rowid');
    await closeBuilt(db);

    // The next month; and events that were stuck on a device since January, two lines sent again, and a broken line.
    run(root, ['simulate', ...SMALL, '--from-day', '335', '--to-day', '365', '--late', '0.05', '--out', 'data/raw']);
    const sent = readFileSync(join(root, 'data/raw/events.jsonl'), 'utf8').split('\n').slice(0, 2);
    const late = JSON.stringify({
      user_id: 7,
      timestamp: '2025-01-02T03:04:05.678Z',
      category_used: 'cards',
      feature_used: 'freeze_card',
      session_length: 61,
      platform: 'web',
    });
    writeFileSync(join(root, 'data/raw/events-late.jsonl'), [...sent, late, '{"user_id":7,"times', ''].join('\n'));
    run(root, ['build']);

    const fresh = copyUserPulse();
    cpSync(join(root, 'data'), join(fresh, 'data'), { recursive: true });
    run(fresh, ['build']);

    db = await openBuilt(root);
    await db.run(`attach '${join(fresh, 'target/userpulse.duckdb')}' as fresh (read_only)`);
    const tables = await query(
      db,
      `select table_name as name from information_schema.tables where table_catalog = 'built'`,
    );
    expect(tables.length).toBe(34);
    for (const { name } of tables) {
      // The snapshot keeps what the first build saw, which a fresh one cannot know; the history made of it is equal.
      if (name === 'snap_user_plans') continue;
      expect([
        name,
        await difference(db, `select * from built.main.${name}`, `select * from fresh.main.${name}`),
      ]).toEqual([name, []]);
    }
    const [memory] = await query(
      db,
      `select count(*)::int as versions, count(dbt_valid_to)::int as closed, count(*) filter (dbt_valid_to is null)::int as open,
         (select count(*)::int from int_user_plans) as users from snap_user_plans`,
    );
    expect(memory?.closed).toBeGreaterThan(5);
    expect(memory?.open).toBe(memory?.users);

    // What was there stays where it was; the new rows follow it.
    const after = await query(db, 'select rowid::int as place, event_key from fact_events order by rowid');
    expect(after.slice(0, before.length)).toEqual(before);
    const [total] = await query(
      db,
      `select count(*)::int as n, count(*) filter (timestamp = '2025-01-02 03:04:05.678')::int as late from fact_events`,
    );
    expect(after.length).toBe(total?.n);
    expect(after.length).toBeGreaterThan(before.length + 500);
    expect(total?.late).toBe(1);
  });

  it.each(['csv', 'parquet'])('reads %s as it reads JSON lines', async (format) => {
    const root = copyUserPulse();
    for (const form of ['json', format]) run(root, ['simulate', ...SMALL, '--format', form, '--out', 'data/raw']);
    run(root, ['run', '-s', '+fact_events', 'stg_users']);
    run(root, [
      'run',
      '-s',
      '+fact_events',
      'stg_users',
      '--vars',
      `raw_format: ${format}`,
      '--target-path',
      'target-other',
    ]);
    const db = await openBuilt(root);
    await db.run(`attach '${join(root, 'target-other/userpulse.duckdb')}' as other (read_only)`);
    for (const table of ['fact_events', 'stg_users']) {
      expect([
        table,
        await difference(db, `select * from built.main.${table}`, `select * from other.main.${table}`),
      ]).toEqual([table, []]);
    }
  });
});

describe('UserPulse with bad input', { timeout: 180_000 }, () => {
  beforeAll(compileBin);

  it('keeps aside what is no event and says why', async () => {
    const root = copyUserPulse();
    run(root, ['simulate', ...SMALL, '--dirt', '0', '--out', 'data/raw']);
    const event = {
      user_id: 7,
      timestamp: '2025-03-02T03:04:05Z',
      category_used: 'cards',
      feature_used: 'freeze_card',
      session_length: 61,
      platform: 'web',
    };
    const bad: readonly (readonly [string, string])[] = [
      ['unreadable_record', '{"user_id": 7, "time'],
      ['unreadable_record', 'plain text'],
      ['missing_user_id', JSON.stringify({ ...event, user_id: null })],
      ['missing_user_id', JSON.stringify({ ...event, user_id: '  ' })],
      ['missing_timestamp', JSON.stringify({ ...event, timestamp: '' })],
      ['malformed_timestamp', JSON.stringify({ ...event, timestamp: '2025-13-45' })],
      ['timestamp_out_of_range', JSON.stringify({ ...event, timestamp: '1970-01-01T00:00:00Z' })],
      ['missing_category_used', JSON.stringify({ ...event, category_used: undefined })],
      ['missing_feature_used', JSON.stringify({ ...event, feature_used: null })],
      ['missing_session_length', JSON.stringify({ ...event, session_length: null })],
      ['malformed_session_length', JSON.stringify({ ...event, session_length: 'long' })],
      ['session_length_out_of_range', JSON.stringify({ ...event, session_length: -1 })],
      ['session_length_out_of_range', JSON.stringify({ ...event, session_length: 'NaN' })],
      ['missing_platform', JSON.stringify({ ...event, platform: null })],
      ['unknown_platform', JSON.stringify({ ...event, platform: 'toaster' })],
    ];
    appendFileSync(join(root, 'data/raw/events.jsonl'), `${bad.map(([, line]) => line).join('\n')}\n\n`);
    run(root, ['run', '-s', '+fact_events', '+stg_load_summary']);
    const db = await openBuilt(root);
    const kept = await query(db, 'select reason, raw_record from stg_events_quarantine');
    const pairs = (list: readonly (readonly unknown[])[]) => list.map((pair) => pair.join(' ')).sort();
    expect(pairs(kept.map(({ reason, raw_record }) => [reason, raw_record]))).toEqual(pairs(bad));
    expect(await query(db, 'select count(*)::int as n from fact_events')).toEqual([{ n: 20_000 }]);
  });

  it('warns of lines that the reader has to skip', () => {
    const root = copyUserPulse();
    run(root, ['simulate', ...SMALL, '--out', 'data/raw']);
    appendFileSync(join(root, 'data/raw/events.jsonl'), Buffer.from([0xff, 0xfe, 0x7b, 0x7d, 0x0a]));
    run(root, ['run', '-s', 'base_events']);
    const { stdout } = run(root, ['test', '-s', 'no_line_is_skipped']);
    expect(stdout).toMatch(/PASS=0 WARN=1 ERROR=0/);
  });

  it('says what churn needs when there is too little history, and keeps the last good scores', async () => {
    const root = copyUserPulse();
    run(root, ['simulate', ...SMALL, '--out', 'data/raw']);
    run(root, ['run', '-s', '+churn_scores']);
    const failed = run(root, ['run', '-s', '+churn_scores', '--vars', 'as_of: 2025-01-20'], 1);
    expect(failed.stdout).toContain('so there is nothing to learn churn from');
    expect(failed.stdout).toContain('lower the var churn_horizon_days');
    const db = await openBuilt(root);
    const [last] = await query(db, 'select max(cutoff_date) as cutoff, count(*)::int as n from churn_scores');
    expect(last?.cutoff).toBe('2025-12-31');
    expect(last?.n).toBeGreaterThan(300);
    await closeBuilt(db);

    const unknown = run(root, ['run', '-s', 'churn_model', '--vars', 'churn_trainer: forest'], 1);
    expect(unknown.stdout).toContain(`'ml.trainer' of 'churn_model' is "forest": expected 'gbdt' or 'xgboost'`);
    run(root, ['run', '-s', '+churn_scores', '--vars', 'churn_trainer: xgboost']);
    const again = await openBuilt(root);
    const [other] = await query(
      again,
      `select (select count(*)::int from churn_scores) as n, json_extract_string(artifact, '$.options.trainer') as trainer,
        json_extract(artifact, '$.options.sample')::int = trained_rows as all_rows from churn_model`,
    );
    expect(other).toEqual({ n: last?.n, trainer: 'xgboost', all_rows: true });
    await closeBuilt(again);
  });
});
