/** `fact_events` of `model.shop.fact_events`. */
export const shortName = (id: string): string => id.split('.').slice(2).join('.') || id;
