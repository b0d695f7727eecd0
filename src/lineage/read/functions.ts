/** What is told of functions by their names. */

/** Aggregate functions of DuckDB and Snowflake. */
export const AGGREGATES: ReadonlySet<string> = new Set(
  `any_value approx_count_distinct approx_percentile approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_min
  arg_min_null array_agg array_union_agg array_unique_agg avg bit_and bit_or bit_xor bitand_agg bitor_agg bitstring_agg
  bitxor_agg bool_and bool_or booland_agg boolor_agg boolxor_agg corr count count_if count_star countif covar_pop
  covar_samp entropy favg first fsum group_concat hash_agg histogram hll kahan_sum kurtosis kurtosis_pop last list listagg
  mad max max_by maxmap mean median min min_by mode object_agg percentile_cont percentile_disc product quantile
  quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy
  reservoir_quantile sem skew skewness stddev stddev_pop stddev_samp string_agg sum sum_no_overflow sumkahan var_pop
  var_samp variance variance_pop variance_samp vector_agg json_group_array json_group_object json_group_structure`.split(
    /\s+/,
  ),
);

const TABLE_FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  unnest: ['unnest'],
  range: ['range'],
  generate_series: ['generate_series'],
  flatten: ['SEQ', 'KEY', 'PATH', 'INDEX', 'VALUE', 'THIS'],
};

/** The columns of a table function; none where they are not told by its name. */
export const functionColumns = (name: string): readonly string[] => TABLE_FUNCTIONS[name.toLowerCase()] ?? [];

const DATE_PART_FIRST =
  /^(date_?add|date_?diff|date_?sub|time_?(stamp)?_?(add|diff)|date_?part|date_?trunc|time_slice)$/;

/** Which argument of a function is a part of a date (`dateadd(day, …)`), which stands there like a column. */
export function datePartArgument(name: string): number | undefined {
  if (DATE_PART_FIRST.test(name)) return 0;
  return name === 'last_day' ? 1 : undefined;
}
