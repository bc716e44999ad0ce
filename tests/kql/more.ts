/** More functions and forms of operators, with the rows that Kusto gives (learn.microsoft.com/kusto/query). */
export const moreRows: readonly (readonly [string, unknown[][]])[] = [
  [
    'print around(8, 10, 2), around(7, 10, 2), around(datetime(2026-01-01 00:05), datetime(2026-01-01), 10m)',
    [[true, false, true]],
  ],
  ['print erf(0.0), round(erf(1.0), 6), round(erfc(1.0), 6)', [[0, 0.842701, 0.157299]]],
  [
    'print format_bytes(100), format_bytes(2048), format_bytes(1536, 1), format_bytes(5000000, 2), format_bytes(5000000, 0, "KB"), format_bytes(long(null))',
    [['100 Bytes', '2 KB', '1.5 KB', '4.77 MB', '4883 KB', '']],
  ],
  [
    'print format_ipv4_mask("10.1.2.3", 8), format_ipv4_mask("10.1.2.3/24", 32), format_ipv4("10.1.2.3/24", 32), format_ipv4("10.1.2.3", -1)',
    [['10.0.0.0/8', '10.1.2.0/24', '10.1.2.0', '']],
  ],
  [
    'print has_any_ipv4_prefix("from 10.2.3.4 to", "10.2.", "172."), has_any_ipv4_prefix("from 10.2.3.4 to", dynamic(["10.2", "172."])), has_any_ipv4_prefix("at10.2.3.4", "10.2.")',
    [[true, false, false]],
  ],
  [
    'print ipv6_is_in_any_range("fe80::1", "fe80::/10", "fc00::/7"), ipv6_is_in_any_range("2001::1", dynamic(["fe80::/10"]))',
    [[true, false]],
  ],
  [
    'print base64_decode_toarray("S3VzdG8="), base64_encode_fromarray(dynamic([75, 117])), base64_decode_tostring("gIE=")',
    [['[75,117,115,116,111]', 'S3U=', '']],
  ],
  [
    'print unicode_codepoints_from_string("aä"), unicode_codepoints_to_string(97, dynamic([98, 99]))',
    [['[97,228]', 'abc']],
  ],
  ['print parse_csv("a,\\"b,c\\",d\\ne,f"), parse_csv("")', [['["a","b,c","d"]', '[""]']]],
  ['print tohex(255), tohex(-1), tohex(toint(-1)), tohex(5, 4)', [['ff', 'ffffffffffffffff', 'ffffffff', '0005']]],
  [
    'print indexof_regex("ab1cd22", @"\\d+"), indexof_regex("ab1cd22", @"\\d+", 3), indexof_regex("ab1cd22", @"\\d+", 0, -1, 2), indexof_regex("ab", "x"), indexof_regex("ab", "a", -1)',
    [[2, 5, 5, -1, null]],
  ],
  [
    'print a = dynamic(["x", "y", "x", "z"]) | project array_index_of(a, "x"), array_index_of(a, "x", 1), array_index_of(a, "x", 0, -1, 2), array_index_of(a, "z", 0, 3), array_index_of(a, "x", -2), array_index_of(a, "q")',
    [[0, 2, 2, -1, 2, -1]],
  ],
  ['print bag_remove_keys(dynamic({"a": 1, "b": {"c": 2, "d": 3}}), dynamic(["$.b.c", "a"]))', [['{"b":{"d":3}}']]],
  ['print array_sort_asc(dynamic([3, 1, 2]), dynamic(["c", "a", "b"]))', [['[1,2,3]', '["a","b","c"]']]],
  [
    'print k = dynamic([3, null, 1]), v = dynamic(["c", "n", "a"]) | extend (k, v) = array_sort_desc(k, v) | project k, v',
    [['[3,1,null]', '["c","a","n"]']],
  ],
  [
    'print k = dynamic([2, 1]), v = dynamic(["b", "a"]) | project strcat_array(array_sort_asc(k, v)[1], "-")',
    [['a-b']],
  ],
  [
    'U | where Owner == "cy" | extend Bytes = estimate_data_size(*), Two = estimate_data_size(Owner) | project Bytes, Two',
    [[6, 2]],
  ],
  [
    'datatable (x: long, y: long, w: long) [1, 2, 1, 2, 4, 1, 3, 6, 2] | summarize covariance(x, y), round(covariancep(x, y), 4), covarianceif(x, y, x < 3), covariancepif(x, y, x < 3), percentilesw_array(x, w, 50, 100)',
    [[2, 1.3333, 1, 0.5, '[2,3]']],
  ],
  ['datatable (x: long) [1, long(null)] | summarize count(x), n = count()', [[2, 2]]],
  [
    'print y = dynamic([1, 3, 5, 7]) | extend (R, Slope, V, RV, Zero, Line) = series_fit_line(y) | project R, Slope, round(V, 4), RV, Zero, Line',
    [[1, 2, 6.6667, 0, -1, '[1.0,3.0,5.0,7.0]']],
  ],
  [
    'print y = dynamic([1, 2, 3, 3, 2, 1]) | extend (R, Split, V, RV, Line) = series_fit_2lines(y) | project R, Split, Line',
    [[1, 3, '[1.0,2.0,3.0,3.0,2.0,1.0]']],
  ],
  [
    'print y = dynamic([1, 2, 3]) | project tolong(series_fit_line_dynamic(y).slope), tolong(series_fit_2lines_dynamic(dynamic([1, 2, 5, 6])).split_idx)',
    [[1, 2]],
  ],
  ['print y = dynamic([4, 1, 7]) | project series_stats(y)', [[1, 1, 7, 2, 4, 3, 9]]],
  ['print series_stats_dynamic(dynamic([4, 1, 7])).max, series_stats_dynamic(dynamic([4, 1, 7])).len', [['7', '3']]],
  [
    'print a = dynamic([1, 2]), b = dynamic([3, 0]) | project series_add(a, b), series_subtract(a, 1), series_multiply(a, b), series_divide(a, b), series_sum(a), series_product(b), series_dot_product(a, b)',
    [['[4.0,2.0]', '[0.0,1.0]', '[3.0,0.0]', '[0.3333333333333333,null]', 3, 0, 3]],
  ],
  [
    'print a = dynamic([1, 2]), b = dynamic([2, 2]) | project series_less(a, b), series_less_equals(a, b), series_greater(a, b), series_greater_equals(a, b), series_equals(a, 2), series_not_equals(a, b)',
    [['[true,false]', '[true,true]', '[false,false]', '[false,true]', '[false,true]', '[true,false]']],
  ],
  [
    'print a = dynamic([-1.5, 2]) | project series_abs(a), series_ceiling(a), series_floor(a)',
    [['[1.5,2.0]', '[-1.0,2.0]', '[-2.0,2.0]']],
  ],
  [
    'print a = dynamic([null, 1, null, 3, null]) | project series_fill_const(a, 0), series_fill_forward(a), series_fill_backward(a), series_fill_linear(a)',
    [['[0,1,0,3,0]', '[null,1,1,3,3]', '[1,1,3,3,null]', '[1.0,1,2.0,3,3.0]']],
  ],
  ['print tostring(bool(null)), tostring(pack_array(bool(null), true))', [['', '[null,true]']]],
  [
    'print decimal(1.5) + 1, datetime(12-31-2025), todatetime("12/31/2025")',
    [[2.5, '2025-12-31T00:00:00.0000000Z', '2025-12-31T00:00:00.0000000Z']],
  ],
  ['print tolong(" 7\\r\\n"), todatetime("2026-01-01\\n")', [[7, '2026-01-01T00:00:00.0000000Z']]],
  ['T | where * has "upgraded" | project Size', [[20]]],
  ['T | where * contains "SSHD_" | project Size', [[10]]],
  ['T | where * == "db" | project Size', [[7]]],
  ['T | where Flag = true | count', [[2]]],
  ['find in (T, U) where Computer == "lost"', [['U', 'lost', '{"Owner":"cy"}']]],
  [
    'datatable (d: dynamic, s: string) [dynamic({"a": 1, "b": "x"}), "y"] | evaluate bag_unpack(d) : (*, a: long)',
    [['y', 1]],
  ],
  [
    "U | evaluate pivot(Owner) | join kind=leftouter (U | where Owner != 'cy' | extend k = strcat('o_', Owner) | project Computer, k | evaluate pivot(k)) on Computer | sort by Computer desc | project Computer, ann, cy, o_ann, o_bob",
    [
      ['web-1', 1, null, 1, 1],
      ['lost', null, 1, null, null],
    ],
  ],
  ['Update | where UpdateState == "Needed" | count', [[0]]],
  ['T | join kind=leftouter (Update | summarize n = count() by Computer) on Computer | where isnull(n) | count', [[4]]],
  ['union T, (Heartbeat | where Computer == "none"), Syslog | count', [[4]]],
  ['T | where TimeGenerated > now(-1d) and TimeGenerated < now(1h) | count', [[4]]],
  ['T | where TimeGenerated == datetime(2026-01-01 00:50) | project Size', [[20]]],
  ['T | where Computer =~ "WEB-1" or Text startswith "NGINX" or Text endswith "ÄX" | count', [[2]]],
  [
    'print "ÄB" =~ "äb", "ÄB" in~ ("äb"), "ÄBx" startswith "äb", "ÄB c" has "äb", "xÄB" contains "äb"',
    [[true, true, true, true, true]],
  ],
]
