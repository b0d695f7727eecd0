/** The figures of new users, plans, and what acting on the churn scores brings. */
import type { Read } from './collect.js';
import type { FunnelStep, PlanMovement, RiskGroup } from './report-input.js';

export async function collectFunnel(read: Read): Promise<FunnelStep[]> {
  const rows = await read(
    'fact_activation_funnel',
    (name) => `select step, step_name, users, share_of_signups, share_of_previous from ${name} order by step`,
  );
  return rows.map((row) => ({
    step_name: row.text('step_name'),
    users: row.number('users'),
    share_of_signups: row.numberOrNull('share_of_signups'),
    share_of_previous: row.numberOrNull('share_of_previous'),
  }));
}

export async function collectMovements(read: Read, asOf: string): Promise<PlanMovement[]> {
  const rows = await read(
    'fact_plan_movements',
    (name) => `select month, movement, changes, users, mrr_change from ${name} order by month, movement`,
  );
  return rows
    .map((row) => ({
      month: row.date('month'),
      movement: row.text('movement'),
      changes: row.number('changes'),
      mrr_change: row.number('mrr_change'),
    }))
    .filter((row) => row.month <= asOf);
}

export async function collectLift(read: Read): Promise<RiskGroup[]> {
  const rows = await read(
    'churn_lift',
    (name) => `
      select risk_group, users, predicted_rate, observed_rate, observed_rate_low, observed_rate_high, lift, share_of_users,
        share_of_churned
      from ${name} order by risk_group`,
  );
  return rows.map((row) => ({
    risk_group: row.number('risk_group'),
    users: row.number('users'),
    predicted_rate: row.number('predicted_rate'),
    observed_rate: row.number('observed_rate'),
    low: row.number('observed_rate_low'),
    high: row.number('observed_rate_high'),
    lift: row.number('lift'),
    share_of_users: row.number('share_of_users'),
    share_of_churned: row.number('share_of_churned'),
  }));
}
