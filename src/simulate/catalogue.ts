/** The simulated app: what it offers, who uses it and on what. Plain data; the order of every list fixes the numbers drawn. */

/** Category to features of a financial app. Within a category the first features are the most used (lifecycle mode). */
export const CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  payments: ['pay_bill', 'pay_contact', 'scan_to_pay', 'scheduled_payment', 'split_bill', 'request_money'],
  cards: ['card_overview', 'freeze_card', 'virtual_card', 'card_limits', 'travel_notice', 'order_card'],
  transfers: [
    'transfer_own_accounts',
    'transfer_domestic',
    'transfer_international',
    'standing_order',
    'currency_exchange',
  ],
  budgeting: ['spending_overview', 'budget_goals', 'category_insights', 'subscription_tracker', 'cash_flow_forecast'],
  savings: ['savings_pot', 'round_up', 'interest_overview', 'goal_tracker'],
  investing: ['portfolio_view', 'buy_asset', 'sell_asset', 'market_news', 'price_alert', 'recurring_investment'],
  loans: ['loan_overview', 'loan_calculator', 'loan_application', 'early_repayment', 'credit_score'],
  insurance: ['policy_overview', 'quote', 'file_claim'],
  account: ['balance', 'statement_download', 'profile_settings', 'security_settings', 'notification_settings'],
  support: ['help_center', 'live_chat', 'dispute_transaction', 'report_fraud', 'feedback'],
};

export const CATEGORY_NAMES: readonly string[] = Object.keys(CATEGORIES);

export interface Feature {
  readonly name: string;
  /** Index into CATEGORY_NAMES. */
  readonly category: number;
}

export const FEATURES: readonly Feature[] = CATEGORY_NAMES.flatMap((category, index) =>
  (CATEGORIES[category] ?? []).map((name) => ({ name, category: index })),
);

/** Platforms and their shares of all events. */
export const PLATFORMS: readonly { readonly name: string; readonly share: number }[] = [
  { name: 'ios', share: 0.42 },
  { name: 'android', share: 0.36 },
  { name: 'web', share: 0.22 },
];

/** What a damaged row names as its platform: a value that staging does not know. */
export const UNKNOWN_PLATFORM = 'smart_fridge';

/** Plans, their shares of users, and how much longer (in times) and more often a user on them stays and logs in. */
export const PLANS: readonly {
  readonly name: string;
  readonly share: number;
  readonly stay: number;
  readonly rate: number;
}[] = [
  { name: 'free', share: 0.62, stay: 0.8, rate: 0.8 },
  { name: 'plus', share: 0.26, stay: 1.5, rate: 1.2 },
  { name: 'premium', share: 0.12, stay: 2.4, rate: 1.6 },
];

/** Kinds of users: which categories draw them, how often they log in and how long they stay (both in times). */
export const PERSONAS: readonly {
  readonly name: string;
  readonly share: number;
  readonly rate: number;
  readonly stay: number;
  readonly interests: Readonly<Record<string, number>>;
}[] = [
  {
    name: 'everyday_banker',
    share: 0.34,
    rate: 1.1,
    stay: 1.4,
    interests: { payments: 5, cards: 4, transfers: 4, account: 4, budgeting: 1, savings: 1, support: 0.4 },
  },
  {
    name: 'planner',
    share: 0.18,
    rate: 1.3,
    stay: 1.6,
    interests: { budgeting: 6, savings: 4, account: 2, payments: 2, transfers: 1, loans: 0.5, support: 0.3 },
  },
  {
    name: 'investor',
    share: 0.14,
    rate: 1.6,
    stay: 1.5,
    interests: { investing: 8, account: 2, transfers: 2, savings: 1, budgeting: 0.5, support: 0.3 },
  },
  {
    name: 'borrower',
    share: 0.12,
    rate: 0.6,
    stay: 0.8,
    interests: { loans: 6, insurance: 2, account: 2, payments: 2, cards: 1, support: 0.8 },
  },
  {
    name: 'visitor',
    share: 0.22,
    rate: 0.45,
    stay: 0.4,
    interests: { account: 3, cards: 2, payments: 2, transfers: 1, insurance: 1, investing: 1, support: 1 },
  },
];

/** Countries of the profiles (ISO 3166-1 alpha-2) and their weights. */
export const COUNTRIES: readonly { readonly value: string; readonly weight: number }[] = [
  { value: 'US', weight: 30 },
  { value: 'GB', weight: 12 },
  { value: 'DE', weight: 11 },
  { value: 'FR', weight: 8 },
  { value: 'ES', weight: 6 },
  { value: 'IT', weight: 5 },
  { value: 'NL', weight: 5 },
  { value: 'PL', weight: 4 },
  { value: 'SE', weight: 3 },
  { value: 'CA', weight: 5 },
  { value: 'AU', weight: 4 },
  { value: 'IN', weight: 3 },
  { value: 'BR', weight: 2 },
  { value: 'JP', weight: 1 },
  { value: 'MX', weight: 1 },
];

/** The index of the share that a number in (0, 1) falls into. */
export function pickShare(list: readonly { readonly share: number }[], u: number): number {
  let rest = u;
  for (let i = 0; i < list.length - 1; i++) {
    rest -= list[i]?.share ?? 0;
    if (rest < 0) return i;
  }
  return list.length - 1;
}

/** Slots of a persona's feature table: a feature's probability is a multiple of 1/4096. */
export const FEATURE_SLOTS = 4096;

/**
 * For each persona FEATURE_SLOTS feature indexes, each feature as often as its weight asks: the persona's interest in
 * the category, shared among its features by a Zipf law (1 / (rank + 1)).
 */
export function featureTables(): Uint8Array {
  const tables = new Uint8Array(PERSONAS.length * FEATURE_SLOTS);
  for (const [p, persona] of PERSONAS.entries()) {
    const weights = FEATURES.map(({ name, category }) => {
      const label = CATEGORY_NAMES[category] ?? '';
      const names = CATEGORIES[label] ?? [];
      const zipf = names.map((_, rank) => 1 / (rank + 1));
      const share = (zipf[names.indexOf(name)] ?? 0) / zipf.reduce((a, b) => a + b, 0);
      return (persona.interests[label] ?? 0.15) * share;
    });
    const total = weights.reduce((a, b) => a + b, 0);
    let done = 0;
    let slot = 0;
    for (const [f, weight] of weights.entries()) {
      done += weight;
      const end = f === weights.length - 1 ? FEATURE_SLOTS : Math.round((done / total) * FEATURE_SLOTS);
      for (; slot < end; slot++) tables[p * FEATURE_SLOTS + slot] = f;
    }
  }
  return tables;
}
