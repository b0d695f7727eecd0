/**
 * What the report shows, in the shape of UserPulse's marts. Dates are ISO (`2025-12-31`), shares and probabilities 0 to 1.
 * An empty list stands for a mart that is empty or was not built: its section says so.
 */
export interface ReportInput {
  readonly title: string;
  /** One line under the title: what the product is. */
  readonly subtitle?: string | undefined;
  /** The last run on the target, where its results are at hand. */
  readonly build?: BuildStatus | undefined;
  /** The project's "today". */
  readonly asOf: string;
  readonly totals: Totals;
  readonly daily: readonly DailyUsers[];
  readonly weekly: readonly WeeklyUsers[];
  readonly stickiness: readonly Stickiness[];
  readonly segments: readonly SegmentProfile[];
  readonly churn: ChurnSummary;
  /** Held out users from the riskiest tenth down. */
  readonly lift: readonly RiskGroup[];
  /** The steps of new users, the first first. */
  readonly funnel: readonly FunnelStep[];
  /** By month and kind. */
  readonly movements: readonly PlanMovement[];
  /** The most used features, the first first. */
  readonly topFeatures: readonly FeatureUse[];
  readonly retention: readonly CohortMonth[];
  /** Where the raw records went. */
  readonly load: readonly LoadOutcome[];
}

export interface Totals {
  readonly users: number;
  /** Users with at least one event. */
  readonly activeUsers: number;
  readonly events: number;
}

export interface DailyUsers {
  readonly date: string;
  readonly dau: number;
}

export interface WeeklyUsers {
  /** ISO year and week. */
  readonly year: number;
  readonly week: number;
  /** The week's Monday. */
  readonly week_start_date: string;
  readonly wau: number;
}

export interface Stickiness {
  readonly date: string;
  readonly dau: number;
  readonly wau_7d: number;
  readonly mau_30d: number;
  /** dau / mau_30d; null where nobody was active. */
  readonly stickiness: number | null;
}

/** A segment's users and the means of what they do. */
export interface SegmentProfile {
  readonly segment: string;
  readonly users: number;
  readonly total_events: number;
  readonly login_frequency: number;
  readonly total_session_length_minutes: number;
  readonly average_session_length_minutes: number;
  readonly unique_features_used: number;
  readonly days_since_last_login: number;
  /** Null where no user has a score. */
  readonly churn_probability: number | null;
}

/**
 * Who the churn model expects to leave. `recent` counts users with an event in the last RECENT_DAYS days: those who can
 * still be kept. The others have been silent for longer.
 */
export interface ChurnSummary {
  /** Users with a probability. */
  readonly scored: number;
  /** Those whose probability reaches the model's threshold. */
  readonly predicted: number;
  readonly recent: { readonly scored: number; readonly predicted: number; readonly mean: number | null };
  /** Users by probability, in bins of equal width from 0 to 1; bins without users may be left out. */
  readonly histogram: readonly ChurnBin[];
  /** Recent users by plan. */
  readonly byPlan: readonly { readonly plan: string; readonly users: number; readonly predicted: number }[];
}

export interface ChurnBin {
  readonly from: number;
  readonly to: number;
  readonly users: number;
  /** Those of the users who are recent. */
  readonly recent: number;
}

/** Days without an event after which a user no longer counts as recent. */
export const RECENT_DAYS = 30;

export interface FeatureUse {
  readonly feature_used: string;
  readonly category_used: string;
  readonly events: number;
  readonly users: number;
  readonly average_session_minutes: number;
  /** Share of all events. */
  readonly event_share: number;
}

export interface CohortMonth {
  /** First days of months. */
  readonly cohort_month: string;
  readonly activity_month: string;
  readonly months_since_signup: number;
  readonly cohort_users: number;
  readonly active_users: number;
  readonly retention_rate: number;
}

export interface LoadOutcome {
  /** `staged`, `duplicate` or `quarantined`. */
  readonly outcome: string;
  readonly reason: string;
  readonly records: number;
}

export interface RiskGroup {
  /** 1 for the riskiest. */
  readonly risk_group: number;
  readonly users: number;
  readonly predicted_rate: number;
  readonly observed_rate: number;
  /** The 95% interval of observed_rate. */
  readonly low: number;
  readonly high: number;
  /** observed_rate in times of the rate of all. */
  readonly lift: number;
  /** Of this group and the riskier ones together. */
  readonly share_of_users: number;
  readonly share_of_churned: number;
}

export interface FunnelStep {
  readonly step_name: string;
  readonly users: number;
  readonly share_of_signups: number | null;
  /** Null for the first step. */
  readonly share_of_previous: number | null;
}

export interface PlanMovement {
  /** First day of the month. */
  readonly month: string;
  /** new, reactivation, expansion, contraction or cancellation. */
  readonly movement: string;
  readonly changes: number;
  readonly mrr_change: number;
}

/** What the last run on the target said, and the last look at the sources. */
export interface BuildStatus {
  /** The command, such as `build`. */
  readonly command: string;
  /** When it ended, ISO 8601 in UTC. */
  readonly at: string;
  readonly models: Outcomes;
  readonly tests: Outcomes;
  /** Names of what failed or warned, failures first. */
  readonly troubles: readonly { readonly name: string; readonly status: string }[];
  readonly sources: readonly { readonly name: string; readonly status: string; readonly hours: number | null }[];
}

export interface Outcomes {
  readonly good: number;
  readonly warned: number;
  readonly failed: number;
  readonly skipped: number;
}
