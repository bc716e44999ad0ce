/** Every function with the values that Kusto gives (learn.microsoft.com/kusto/query). */
export const functionRows: readonly (readonly [string, unknown[][]])[] = [
  [
    'print tolower("ÄB"), toupper("äb"), reverse("äb"), strlen("äb"), string_size("äb"), strcat("a", 1, true), strcat_delim("-", "a", "b"), strcat_array(dynamic(["a", 1]), ","), strrep("ab", 2), strrep("a", 3, "-"), strcmp("a", "b")',
    [['äb', 'ÄB', 'bä', 2, 3, 'a1True', 'a-b', 'a,1', 'abab', 'a-a-a', -1]],
  ],
  [
    'print substring("hello", 1, 3), substring("hello", -2), replace_string("aXa", "X", "-"), replace_strings("abc", dynamic(["a", "c"]), dynamic(["1", "2"])), replace_regex("a1b22", @"\\d+", "#"), replace(@"(\\w)(\\d)", @"\\2\\1", "a1"), translate("abc", "xy", "aabbcc")',
    [['ell', 'lo', 'a-a', '1b2', 'a#b#', '1a', 'xxyyyy']],
  ],
  [
    'print trim("-", "--a--"), trim_start("-", "--a--"), trim_end("-", "--a--"), trim(@"[^\\w]+", "[ok]"), indexof("abcabc", "c", 3), indexof("abcabc", "b", 0, -1, 2), indexof("abc", "z"), indexof_regex("a1b2", @"\\d")',
    [['a', 'a--', '--a', 'ok', 5, 4, -1, 1]],
  ],
  [
    'print countof("aaaa", "aa"), countof("a1b22", @"\\d+", "regex"), extract(@"(\\d+)-(\\d+)", 2, "x 10-20"), extract(@"(\\d+)", 1, "a7", typeof(long)), extract_all(@"([a-z])(\\d)", "a1b2"), extractall(@"(\\d)", "a1b2"), split("a,b,c", ","), split("a,b,c", ",", 1)',
    [[3, 2, '20', 7, '[["a","1"],["b","2"]]', '["1","2"]', '["a","b","c"]', '["b"]']],
  ],
  [
    'print isascii("abc"), isascii("ä"), isutf8("ä"), has_any_index("lo web db", dynamic(["db", "lo"])), url_encode("a b/c"), url_encode_component("a b"), regex_quote("a.b"), url_decode("a%20b"), base64_encode_tostring("Kusto"), base64_decode_tostring("S3VzdG8="), base64_encodestring("a"), base64_decodestring("YQ=="), make_string(75, 117), to_utf8("Ku"), parse_csv(\'a,"b,c"\')',
    [
      [
        true,
        false,
        true,
        0,
        'a+b%2fc',
        'a%20b',
        'a\\.b',
        'a b',
        'S3VzdG8=',
        'Kusto',
        'YQ==',
        'a',
        'Ku',
        '[75,117]',
        '["a","b,c"]',
      ],
    ],
  ],
  [
    'print tostring(5), tostring(true), tostring(1.5), tostring(dynamic({"a": 1})), tolong("0x10"), tolong("x"), tolong(2.9), toint("7"), toint(true), todouble("2.5"), toreal("1e3"), todecimal("1.5"), tobool("TRUE"), tobool("x"), toboolean(0), tohex(255), tohex(10, 4)',
    [['5', 'True', '1.5', '{"a":1}', 16, null, 2, 7, 1, 2.5, 1000, 1.5, true, null, false, 'ff', '000a']],
  ],
  [
    'print todatetime("2026-01-01T10:00:00Z"), todatetime("never"), todatetime("5"), totimespan("1.02:03:04"), totimespan("5m"), totimespan("x"), toguid("0123456789ABCDEF0123456789abcdef"), toguid("x"), parse_json("{\\"a\\": 1}").a, todynamic("[1,2]")[1], toobject("\\"s\\""), parsejson("plain")',
    [
      [
        '2026-01-01T10:00:00.0000000Z',
        null,
        null,
        '1.02:03:04',
        '00:05:00',
        null,
        '01234567-89ab-cdef-0123-456789abcdef',
        '',
        '1',
        '2',
        's',
        'plain',
      ],
    ],
  ],
  [
    'print iff(1 > 2, "a", "b"), iif(true, 1, 2), iff(bool(null), "a", "b"), case(false, 1, true, 2, 3), coalesce("", "b"), coalesce(long(null), 2), isempty(""), isempty(long(null)), isnotempty("a"), notempty("a"), isnull(long(null)), isnull(""), isnotnull(1), notnull(1), not(false), not(bool(null))',
    [['b', 1, 'b', 2, 'b', 2, true, true, true, true, true, false, true, true, true, null]],
  ],
  ['print x = 1 | project column_ifexists("x", 5), columnifexists("y", 7)', [[1, 7]]],
  [
    'print now(), now(-1d), ago(1h), bin(17, 5), bin(-17, 5), bin(2.7, 0.5), bin(1.5h, 1h), bin(datetime(2026-01-08 10:00), 7d), floor(-3, 5), bin_at(6.5, 2.5, 7.0), bin_at(time(1h), 1d, 12h), bin_at(datetime(2017-05-17 10:20), 7d, datetime(2017-06-04))',
    [
      [
        '2026-01-02T00:00:00.0000000Z',
        '2026-01-01T00:00:00.0000000Z',
        '2026-01-01T23:00:00.0000000Z',
        15,
        -20,
        2.5,
        '01:00:00',
        '2026-01-05T00:00:00.0000000Z',
        -5,
        4.5,
        '-12:00:00',
        '2017-05-14T00:00:00.0000000Z',
      ],
    ],
  ],
  [
    'print startofday(datetime(2026-03-05 10:00)), startofday(datetime(2026-03-05 10:00), -1), startofweek(datetime(2026-03-05)), startofmonth(datetime(2026-03-05)), startofyear(datetime(2026-03-05), 1), endofday(datetime(2026-03-05 10:00)), endofweek(datetime(2026-03-05)), endofmonth(datetime(2026-02-05)), endofyear(datetime(2026-03-05))',
    [
      [
        '2026-03-05T00:00:00.0000000Z',
        '2026-03-04T00:00:00.0000000Z',
        '2026-03-01T00:00:00.0000000Z',
        '2026-03-01T00:00:00.0000000Z',
        '2027-01-01T00:00:00.0000000Z',
        '2026-03-05T23:59:59.9999999Z',
        '2026-03-07T23:59:59.9999999Z',
        '2026-02-28T23:59:59.9999999Z',
        '2026-12-31T23:59:59.9999999Z',
      ],
    ],
  ],
  [
    'print hourofday(datetime(2026-03-05 10:00)), dayofmonth(datetime(2026-03-05)), dayofyear(datetime(2026-03-05)), monthofyear(datetime(2026-03-05)), getyear(datetime(2026-03-05)), getmonth(datetime(2026-03-05)), week_of_year(datetime(2026-01-01)), weekofyear(datetime(2026-01-08)), dayofweek(datetime(2026-03-05)), dayofweek(datetime(2026-03-08))',
    [[10, 5, 64, 3, 2026, 3, 1, 2, '4.00:00:00', '00:00:00']],
  ],
  [
    'print unixtime_seconds_todatetime(1546300800), unixtime_milliseconds_todatetime(1546300800123), unixtime_microseconds_todatetime(1546300800000001), unixtime_nanoseconds_todatetime(1546300800000000100)',
    [
      [
        '2019-01-01T00:00:00.0000000Z',
        '2019-01-01T00:00:00.1230000Z',
        '2019-01-01T00:00:00.0000010Z',
        '2019-01-01T00:00:00.0000001Z',
      ],
    ],
  ],
  [
    'print datetime_add("month", 1, datetime(2026-01-31)), datetime_add("day", -1, datetime(2026-01-01)), datetime_add("quarter", 1, datetime(2026-01-01)), datetime_diff("year", datetime(2026-01-01), datetime(2025-12-31)), datetime_diff("hour", datetime(2026-01-01 12:00), datetime(2026-01-01 10:59)), datetime_diff("week", datetime(2026-01-05), datetime(2026-01-01)), datetime_diff("day", datetime(2026-01-01), datetime(2026-01-03))',
    [['2026-02-28T00:00:00.0000000Z', '2025-12-31T00:00:00.0000000Z', '2026-04-01T00:00:00.0000000Z', 1, 2, 1, -2]],
  ],
  [
    'print datetime_part("quarter", datetime(2026-05-06 07:08:09.1234567)), datetime_part("millisecond", datetime(2026-05-06 07:08:09.1234567)), datetime_part("nanosecond", datetime(2026-05-06 07:08:09.1234567)), datetime_utc_to_local(datetime(2026-07-01 12:00), "Europe/Berlin"), datetime_local_to_utc(datetime(2026-01-01 12:00), "America/New_York"), make_datetime(2026, 2, 3), make_datetime(2026, 2, 3, 4, 5, 6), make_timespan(1, 30), make_timespan(1, 2, 3, 4)',
    [
      [
        2,
        123,
        123456700,
        '2026-07-01T14:00:00.0000000Z',
        '2026-01-01T17:00:00.0000000Z',
        '2026-02-03T00:00:00.0000000Z',
        '2026-02-03T04:05:06.0000000Z',
        '01:30:00',
        '1.02:03:04',
      ],
    ],
  ],
  [
    'print format_datetime(datetime(2026-01-02 13:04:05.6789), "yyyy-MM-dd HH:mm:ss.fff"), format_datetime(datetime(2026-01-02 13:04:05), "yy/M/d [h:m:s tt]"), format_datetime(datetime(2026-01-02 00:04:05), "hh:mm tt"), format_timespan(time(1.02:03:04.5), "d.hh:mm:ss.f"), format_timespan(time(29.09:00:05), "dd.HH:mm:ss"), format_timespan(-1h, "h:mm")',
    [['2026-01-02 13:04:05.678', '26/1/2 [1:4:5 PM]', '12:04 AM', '1.02:03:04.5', '29.09:00:05', '-1:00']],
  ],
  [
    'print abs(-3), abs(-2.5), sign(-2.5), ceiling(1.2), exp(0), exp2(3), exp10(2), log(1), log10(100), log2(8), log(-1), loggamma(1), gamma(5), sqrt(9), sqrt(-1), pow(2, 3), round(2.567, 1), round(2.5), round(-2.5), round(1234, -2)',
    [[3, 2.5, -1, 2, 1, 8, 100, 0, 2, 3, null, 0, 24, 3, null, 8, 2.6, 3, -3, 1200]],
  ],
  [
    'print sin(0), cos(0), tan(0), cot(0.5) > 1.8, asin(0), acos(1), atan(0), atan2(0, 1), degrees(pi()) , radians(180.0) == pi(), rand() < 1.0, isnan(0.0 / 0), isinf(1.0 / 0), isfinite(1.5), min_of(3, 1, 2), max_of(1, 5, 3), max_of(long(null), 2)',
    [[0, 1, 0, true, 0, 0, 0, 0, 180, true, true, true, true, true, 1, 5, 2]],
  ],
  [
    'print binary_and(6, 3), binary_or(6, 3), binary_xor(6, 3), binary_not(0), binary_shift_left(1, 4), binary_shift_right(16, 2), bitset_count_ones(7)',
    [[2, 7, 5, -1, 16, 4, 3]],
  ],
  [
    'print array_length(dynamic([1, 2])), array_length(parse_json("{}")), pack_array(1, "a", true), array_concat(dynamic([1]), dynamic([2, 3])), array_iff(dynamic([true, false]), 1, 2), array_iif(dynamic([1, 0]), "y", "n"), array_index_of(dynamic(["a", "b"]), "b"), array_index_of(dynamic([1]), 5), array_reverse(dynamic([1, 2])), array_rotate_left(dynamic([1, 2, 3]), 1), array_rotate_right(dynamic([1, 2, 3]), 1), array_shift_left(dynamic([1, 2, 3]), 1), array_shift_right(dynamic([1, 2, 3]), 1, 0)',
    [
      [
        2,
        null,
        '[1,"a",true]',
        '[1,2,3]',
        '[1,2]',
        '["y","n"]',
        1,
        -1,
        '[2,1]',
        '[2,3,1]',
        '[3,1,2]',
        '[2,3,null]',
        '[0,1,2]',
      ],
    ],
  ],
  [
    'print array_slice(dynamic([1, 2, 3, 4]), 1, 2), array_slice(dynamic([1, 2, 3]), -2, -1), array_sort_asc(dynamic([10, 9, null, 1])), array_sort_desc(dynamic(["a", "c", "b"])), array_split(dynamic([1, 2, 3, 4, 5]), 2), array_sum(dynamic([1, 2.5])), bag_keys(dynamic({"a": 1, "b": 2})), bag_has_key(dynamic({"a": {"b": 1}}), "a"), bag_has_key(dynamic({"a": {"b": 1}}), "$.a.b"), bag_merge(dynamic({"a": 1}), dynamic({"a": 2, "b": 3})), bag_remove_keys(dynamic({"a": 1, "b": 2}), dynamic(["a"])), bag_set_key(dynamic({"a": 1}), "b", 2), bag_zip(dynamic(["a", "b"]), dynamic([1]))',
    [
      [
        '[2,3]',
        '[2,3]',
        '[1,9,10,null]',
        '["c","b","a"]',
        '[[1,2],[3,4,5]]',
        3.5,
        '["a","b"]',
        true,
        true,
        '{"a":1,"b":3}',
        '{"b":2}',
        '{"a":1,"b":2}',
        '{"a":1,"b":null}',
      ],
    ],
  ],
  [
    'print bag_pack("a", 1, "b", "x"), pack("t", now()), pack_dictionary("k", dynamic([1])), dynamic_to_json(dynamic({"a": 1})), extract_json("$.a[1].b", "{\\"a\\":[1,{\\"b\\":\\"x\\"}]}"), extractjson("$.n", "{\\"n\\":5}", typeof(long)), gettype(1), gettype(dynamic([1])), gettype(dynamic({})), gettype(parse_json("1")), gettype("s")',
    [
      [
        '{"a":1,"b":"x"}',
        '{"t":"2026-01-02T00:00:00.0000000Z"}',
        '{"k":[1]}',
        '{"a":1}',
        'x',
        5,
        'long',
        'array',
        'dictionary',
        'long',
        'string',
      ],
    ],
  ],
  [
    'print x = 1, y = "" | project pack_all(), pack_all(true), bag_pack_columns(x)',
    [['{"x":1,"y":""}', '{"x":1}', '{"x":1}']],
  ],
  [
    'print jaccard_index(dynamic([1, 2]), dynamic([2, 3])), repeat(1, 3), range(1, 7, 3), range(datetime(2026-01-01), datetime(2026-01-02), 1d), set_difference(dynamic([1, 2, 2]), dynamic([2])), set_has_element(dynamic(["a"]), "a"), set_intersect(dynamic([1, 2]), dynamic([2, 3])), set_union(dynamic([1]), dynamic([1, 2])), set_equals(dynamic([1, 2]), dynamic([2, 1])), treepath(dynamic({"a": 1})), zip(dynamic([1, 2]), dynamic(["a"]))',
    [
      [
        0.3333333333333333,
        '[1,1,1]',
        '[1,4,7]',
        '["2026-01-01T00:00:00.0000000Z","2026-01-02T00:00:00.0000000Z"]',
        '[1]',
        true,
        '[2]',
        '[1,2]',
        true,
        '["[\'a\']"]',
        '[[1,"a"],[2,null]]',
      ],
    ],
  ],
  [
    'print hash_sha256("a"), hash_sha1("a"), hash_md5("a"), tostring(hash("World")), hash("World", 100), tostring(hash_xxhash64("World")), strlen(tostring(new_guid()))',
    [
      [
        'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
        '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8',
        '0cc175b9c0f1b6a831c399e269772661',
        '1846988464401551951',
        51,
        '1846988464401551951',
        36,
      ],
    ],
  ],
  [
    'print parse_ipv4("10.0.0.1"), parse_ipv4("x"), parse_ipv4_mask("10.1.2.3", 8), format_ipv4(167772161), format_ipv4("192.168.1.9", 24), ipv4_netmask_suffix("10.0.0.0/8"), ipv4_is_match("10.1.2.3", "10.1.9.9", 16), ipv4_compare("10.0.0.1", "10.0.0.2"), ipv4_is_in_range("10.1.2.3", "10.0.0.0/8"), ipv4_is_in_any_range("10.1.2.3", "192.168.0.0/16", "10.0.0.0/8"), ipv4_is_private("172.16.5.5"), ipv4_is_private("8.8.8.8")',
    [[167772161, null, 167772160, '10.0.0.1', '192.168.1.0', 8, true, -1, true, true, true, false]],
  ],
  [
    'print has_ipv4("from 10.0.0.1 ok", "10.0.0.1"), has_ipv4("10.0.0.12", "10.0.0.1"), has_any_ipv4("a 1.2.3.4", "5.6.7.8", "1.2.3.4"), has_ipv4_prefix("a 10.1.2.3", "10.1."), parse_ipv6("::1"), parse_ipv6("1.2.3.4"), ipv6_compare("::1", "::2"), ipv6_is_match("fe80::1", "fe80::2", 64), ipv6_is_in_range("fe80::1", "fe80::/10")',
    [
      [
        true,
        false,
        true,
        true,
        '0000:0000:0000:0000:0000:0000:0000:0001',
        '0000:0000:0000:0000:0000:ffff:0102:0304',
        -1,
        true,
        true,
      ],
    ],
  ],
  [
    'print parse_url("https://u:p@h.example:8443/a/b?k=v&q=1#f").Host, parse_url("https://h/a?k=v")["Query Parameters"].k, parse_urlquery("k=v&q=a%20b"), parse_path("/etc/ssh/sshd_config").Filename, parse_path("C:\\\\a\\\\b.txt").Extension, parse_version("1.2.3") > parse_version("1.2")',
    [['h.example', 'v', '{"Query Parameters":{"k":"v","q":"a b"}}', 'sshd_config', 'txt', true]],
  ],
  [
    'T | sort by TimeGenerated asc | project prev(Size), next(Size), prev(Computer, 1, "-"), next(Computer, 2), row_number(), row_number(10)',
    [
      [null, 20, '-', 'Web-2', 1, 10],
      [10, null, 'web-1', 'db', 2, 11],
      [20, 7, 'web-1', '', 3, 12],
      [null, null, 'Web-2', '', 4, 13],
    ],
  ],
  [
    'T | sort by Computer asc, TimeGenerated asc | extend n = row_number(1, prev(Computer) != Computer), s = row_cumsum(Size), r = row_rank_dense(Computer), m = row_rank_min(Computer), c = row_cumsum(Size, Computer != prev(Computer)) | project Computer, n, s, r, m, c',
    [
      ['Web-2', 1, 0, 1, 1, 0],
      ['db', 1, 7, 2, 2, 7],
      ['web-1', 1, 17, 3, 3, 10],
      ['web-1', 2, 37, 3, 3, 30],
    ],
  ],
  [
    'T | project TimeGenerated, Size | sort by Size asc nulls last | serialize rn = row_number() | where rn <= 2 | project rn, Size',
    [
      [1, 7],
      [2, 10],
    ],
  ],
  [
    'T | summarize count(), countif(Size > 8), dcount(Computer), dcountif(Computer, Size > 8), count_distinct(Computer), count_distinctif(Computer, Size > 8), sum(Size), sumif(Size, Flag), avg(Size), avgif(Size, Flag), min(Size), minif(Size, Size > 8), max(Size), maxif(Size, Size < 20)',
    [[4, 2, 3, 1, 3, 1, 37, 17, 12.333333333333334, 8.5, 7, 10, 20, 10]],
  ],
  [
    'T | summarize round(stdev(Size), 3), round(stdevp(Size), 3), round(variance(Size), 3), round(variancep(Size), 3), round(stdevif(Size, Size > 8), 3), varianceif(Size, Size > 8), variancepif(Size, Size > 8)',
    [[6.807, 5.558, 46.333, 30.889, 7.071, 50, 25]],
  ],
  [
    'T | summarize percentile(Size, 50), percentiles(Size, 0, 100), percentiles_array(Size, 50, 100), percentilew(Size, Size, 50), percentilesw(Size, Size, 10, 90), binary_all_and(Size), binary_all_or(Size), binary_all_xor(Size)',
    [[10, 7, 20, '[10,20]', 20, 7, 20, 0, 31, 25]],
  ],
  [
    'T | sort by TimeGenerated asc | summarize make_list(Size), make_list(Size, 1), make_list_if(Size, Size > 8), make_list_with_nulls(Size), make_set(Computer), make_set_if(Computer, Size > 8), makelist(Computer), makeset(Flag), make_bag(bag_pack(Computer, Size)), make_bag_if(bag_pack(Computer, Size), Size > 8), make_dictionary(bag_pack("k", 1))',
    [
      [
        '[10,20,7]',
        '[10]',
        '[10,20]',
        '[10,20,null,7]',
        '["web-1","Web-2","db"]',
        '["web-1"]',
        '["web-1","web-1","Web-2","db"]',
        '[true,false]',
        '{"web-1":10,"Web-2":null,"db":7}',
        '{"web-1":10}',
        '{"k":1}',
      ],
    ],
  ],
  [
    'T | where Computer == "db" | summarize take_any(Size), any(Text), take_anyif(Size, true), anyif(Size, false), take_any(Size, Text)',
    [[7, 'it\'s a \\ "quote"', 7, null, 7, 'it\'s a \\ "quote"']],
  ],
  ['T | summarize arg_max(Size, Computer, Text)', [[20, 'web-1', 'nginx was upgraded']]],
  ['T | summarize arg_min(Size, *)', [[7, '2026-01-01T02:00:00.0000000Z', 'db', 2.5, 'it\'s a \\ "quote"', 's', true]]],
  [
    'T | summarize avg(TimeGenerated), max(TimeGenerated) - min(TimeGenerated)',
    [['2026-01-01T01:02:30.0308642Z', '01:49:59.8765433']],
  ],
  [
    'T | summarize percentile(Share, 50), sum(Share), avg(Share) by Flag | sort by Flag asc',
    [
      [null, 1.5, 1.5, 1.5],
      [false, null, 0, null],
      [true, 0.5, 3, 1.5],
    ],
  ],
]
