import type { ReportInput } from '../../../src/site/index.js';

const at = (start: string, days: number): string => {
  const date = new Date(`${start}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
};

/** A report of 120 days from 2025-09-03 to 2025-12-31, small but with every section filled. */
export function exampleReport(change: Partial<ReportInput> = {}): ReportInput {
  const daily = Array.from({ length: 120 }, (_, i) => ({ date: at('2025-09-03', i), dau: 100 + ((i * 37) % 23) + i }));
  return {
    title: 'UserPulse',
    asOf: '2025-12-31',
    totals: { users: 2000, activeUsers: 1800, events: 123_456 },
    daily,
    weekly: Array.from({ length: 18 }, (_, i) => ({
      year: i < 17 ? 2025 : 2026,
      week: i < 17 ? 36 + i : 1,
      week_start_date: at('2025-09-01', i * 7),
      wau: 400 + i,
    })),
    stickiness: daily.map(({ date, dau }) => ({ date, dau, wau_7d: dau * 3, mau_30d: dau * 6, stickiness: 1 / 6 })),
    segments: ['Power Users', 'Casual Browsers', 'At-Risk'].map((segment, i) => ({
      segment,
      users: 300 * (i + 1),
      total_events: 200 / (i + 1),
      login_frequency: 60 / (i + 1),
      total_session_length_minutes: 4000 / (i + 1),
      average_session_length_minutes: 33,
      unique_features_used: 20 - i * 5,
      days_since_last_login: 3 + i * 50,
      churn_probability: i / 2.5,
    })),
    churn: {
      scored: 1800,
      predicted: 700,
      recent: { scored: 1000, predicted: 125, mean: 0.21 },
      histogram: [
        { from: 0, to: 0.05, users: 900, recent: 880 },
        { from: 0.95, to: 1, users: 900, recent: 120 },
      ],
      byPlan: [{ plan: 'free', users: 700, predicted: 100 }],
    },
    lift: [1, 2, 3].map((risk_group) => ({
      risk_group,
      users: 500,
      predicted_rate: 1.1 - risk_group * 0.3,
      observed_rate: 1.08 - risk_group * 0.3,
      low: 1.05 - risk_group * 0.3,
      high: 1.12 - risk_group * 0.3,
      lift: 2.3 - risk_group * 0.65,
      share_of_users: risk_group / 3,
      share_of_churned: [0.55, 0.9, 1][risk_group - 1] ?? 1,
    })),
    funnel: [
      { step_name: 'signed_up', users: 1000, share_of_signups: 1, share_of_previous: null },
      { step_name: 'first_use_in_7_days', users: 640, share_of_signups: 0.64, share_of_previous: 0.64 },
      { step_name: 'three_features_in_30_days', users: 320, share_of_signups: 0.32, share_of_previous: 0.5 },
    ],
    movements: [
      { month: '2025-10-01', movement: 'new', changes: 300, mrr_change: 2000 },
      { month: '2025-11-01', movement: 'new', changes: 60, mrr_change: 400 },
      { month: '2025-11-01', movement: 'expansion', changes: 10, mrr_change: 80 },
      { month: '2025-11-01', movement: 'cancellation', changes: 30, mrr_change: -180 },
      { month: '2025-12-01', movement: 'new', changes: 40, mrr_change: 300 },
      { month: '2025-12-01', movement: 'cancellation', changes: 50, mrr_change: -350 },
    ],
    topFeatures: ['pay_bill', 'balance', 'live_chat'].map((feature_used, i) => ({
      feature_used,
      category_used: 'payments',
      events: 3000 - i * 1000,
      users: 500 - i,
      average_session_minutes: 33.4,
      event_share: 0.1 - i * 0.02,
    })),
    retention: [0, 1, 2].flatMap((cohort) =>
      Array.from({ length: 3 - cohort }, (_, i) => ({
        cohort_month: `2025-${10 + cohort}-01`,
        activity_month: `2025-${10 + cohort + i}-01`,
        months_since_signup: i,
        cohort_users: 100,
        active_users: 70 - i * 10,
        retention_rate: 0.7 - i * 0.1,
      })),
    ),
    load: [
      { outcome: 'staged', reason: 'ok', records: 123_456 },
      { outcome: 'quarantined', reason: 'unknown_platform', records: 17 },
    ],
    ...change,
  };
}

export const EMPTY_REPORT: ReportInput = {
  title: 'UserPulse',
  asOf: '',
  totals: { users: 0, activeUsers: 0, events: 0 },
  daily: [],
  weekly: [],
  stickiness: [],
  segments: [],
  churn: { scored: 0, predicted: 0, recent: { scored: 0, predicted: 0, mean: null }, histogram: [], byPlan: [] },
  lift: [],
  funnel: [],
  movements: [],
  topFeatures: [],
  retention: [],
  load: [],
};
