/** Every operator with the rows that Kusto gives (learn.microsoft.com/kusto/query). */
export const operatorRows: readonly (readonly [string, unknown[][]])[] = [
  ['T | where Size == long(null) | count', [[0]]],
  ['T | where Size != 10 | count', [[3]]],
  ['T | where not(Size == 10) | count', [[3]]],
  ['T | where Flag == true | count', [[2]]],
  ['T | where Text == 5 or Size == "7" | count', [[1]]],
  ['T | where Text !has_cs "SSH" and Text !hasprefix "ngi" and Text !hassuffix "graded" | count', [[3]]],
  [
    'T | where Text hasprefix_cs "Ngi" or Text hassuffix_cs "GRADED" or Text endswith_cs "CONFIG" or Text !endswith "config" | count',
    [[3]],
  ],
  ['T | where Text has_any (dynamic(["sshd", "none"])) | count', [[1]]],
  ['T | where Text !contains_cs "nginx" and Text !startswith_cs "/" and Text !endswith_cs "x" | count', [[2]]],
  ['T | where Computer in (dynamic(["db", "web-1"])) | count', [[3]]],
  ['T | where Computer in~ (U | project toupper(Computer)) | count', [[2]]],
  ['T | where Size !between (8 .. 15) | count', [[2]]],
  ['T | project-away Size, T*, Bag, Flag, Share | take 1', [['web-1']]],
  ['T | where Computer == "db" | project-keep C*, Size', [['db', 7]]],
  ['T | where Computer == "db" | project-reorder Size, Computer | project-keep Size, Computer', [[7, 'db']]],
  ['T | where Computer == "db" | project a = Size, Size, b = Size * 2, Computer', [[7, 7, 14, 'db']]],
  ['T | where Computer == "db" | extend Size = Size + 1, Old = Size | project Size, Old', [[8, 7]]],
  [
    'T | project Computer, Size | top 2 by Size desc nulls first',
    [
      ['Web-2', null],
      ['web-1', 20],
    ],
  ],
  ['T | top-hitters 1 of Computer by Size', [['web-1', 30]]],
  [
    'T | top-nested 2 of Computer by sum(Size), top-nested 1 of Size by max(Size)',
    [
      ['web-1', 30, 20, 20],
      ['db', 7, 7, 7],
    ],
  ],
  ['T | distinct Computer, Flag | count', [[4]]],
  ['T | summarize by bin(TimeGenerated, 1h), Flag | count', [[4]]],
  ['T | summarize hint.shufflekey=Computer n = count() by Computer | where n > 1', [['web-1', 2]]],
  [
    'T | summarize count() by Computer, Size > 8 | sort by Computer asc, Column1 asc',
    [
      ['Web-2', null, 1],
      ['db', false, 1],
      ['web-1', true, 2],
    ],
  ],
  ['T | sample 2 | count', [[2]]],
  ['T | sample-distinct 2 of Computer | count', [[2]]],
  [
    'U | getschema',
    [
      ['Computer', 0, 'System.String', 'string'],
      ['Owner', 1, 'System.String', 'string'],
    ],
  ],
  ['U | as Named | where Owner in (Named | where Computer == "lost" | project Owner) | project Owner', [['cy']]],
  ['T | count | as N | extend x = Count + 1', [[4, 5]]],
  ['range x from 1 to 7 step 3', [[1], [4], [7]]],
  ['range x from 10 to 1 step -4', [[10], [6], [2]]],
  [
    'range t from datetime(2026-01-01) to datetime(2026-01-02) step 12h',
    [['2026-01-01T00:00:00.0000000Z'], ['2026-01-01T12:00:00.0000000Z'], ['2026-01-02T00:00:00.0000000Z']],
  ],
  ['range s from 0.5 to 2.0 step 0.5', [[0.5], [1], [1.5], [2]]],
  [
    'datatable (a: string, b: long, c: datetime) ["x", 1, datetime(2026-01-01), "y", long(null), datetime(null)]',
    [
      ['x', 1, '2026-01-01T00:00:00.0000000Z'],
      ['y', null, null],
    ],
  ],
  [
    'print a = dynamic([1, "x", null]), b = dynamic({"k": [1.5]}) | project a[0], a[-2], a[2], b.k[0], b["k"], b.none.deeper',
    [['1', 'x', '', '1.5', '[1.5]', '']],
  ],
  ['print x = dynamic({"a b": 1}), k = "a b" | project x["a b"], x.[\'a b\'], x[k]', [['1', '1', '1']]],
  ['print d = dynamic([[1, 2], [3]]) | mv-expand d | mv-expand d to typeof(long)', [[1], [2], [3]]],
  [
    'print a = dynamic([1, 2]), b = dynamic(["x"]) | mv-expand with_itemindex=i a to typeof(long), b to typeof(string)',
    [
      [1, 'x', 0],
      [2, '', 1],
    ],
  ],
  ['print a = dynamic({"k": 1, "l": 2}) | mv-expand a', [['{"k":1}'], ['{"l":2}']]],
  [
    'print a = dynamic({"k": 1, "l": 2}) | mv-expand bagexpansion=array a | project key = a[0], value = tolong(a[1])',
    [
      ['k', 1],
      ['l', 2],
    ],
  ],
  ['print a = dynamic([]) | mv-expand a', []],
  ['print a = dynamic(null) | mv-expand a', [['']]],
  ['print a = dynamic([1, 2, 3]) | mv-expand a limit 2', [['1'], ['2']]],
  ['print a = dynamic([1, 2, 3]) | mv-expand x = a to typeof(long) | summarize sum(x)', [[6]]],
  [
    'datatable (k: string, v: dynamic) ["a", dynamic([3, 1, 2]), "b", dynamic([9])] | mv-apply v to typeof(long) on (top 1 by v)',
    [
      ['a', 3],
      ['b', 9],
    ],
  ],
  [
    'datatable (k: string, v: dynamic) ["a", dynamic([3, 1, 2]), "b", dynamic([9])] | mv-apply e = v to typeof(long) on (where e > 1 | summarize s = sum(e), n = count()) | project k, s, n',
    [
      ['a', 5, 2],
      ['b', 9, 1],
    ],
  ],
  [
    'datatable (k: string, v: dynamic) ["a", dynamic([3, 1]), "b", dynamic([9])] | mv-apply e = v to typeof(long) on (sort by e asc | summarize l = make_list(e)) | project k, l',
    [
      ['a', '[1,3]'],
      ['b', '[9]'],
    ],
  ],
  [
    'T | partition by Computer (top 1 by Size | project Computer, Size) | sort by Size asc',
    [
      ['Web-2', null],
      ['db', 7],
      ['web-1', 20],
    ],
  ],
  ['T | partition hint.strategy=native by Computer (summarize n = count()) | sort by n desc', [[2], [1], [1]]],
  [
    'print s = "user=ann, id=7, rest" | parse s with "user=" user ", id=" id: long ", " tail',
    [['user=ann, id=7, rest', 'ann', 7, 'rest']],
  ],
  ['print s = "pre key:5x post" | parse s with * "key:" n: long * "post" *', [['pre key:5x post', 5]]],
  ['print s = "nothing" | parse s with "user=" user ", id=" id: long', [['nothing', '', null]]],
  ['print s = "id=x;k=1" | parse kind=relaxed s with "id=" id: long ";k=" k: long', [['id=x;k=1', null, 1]]],
  ['print s = "id=x;k=1" | parse kind=simple s with "id=" id: long ";k=" k: long', [['id=x;k=1', null, null]]],
  ['print s = "a12b" | parse kind=regex s with @"[a-z]" n: long @"[a-z]+"', [['a12b', 12]]],
  ['print s = "A=1;b" | parse kind=regex flags=i s with @"a=" n: long @";" rest', [['A=1;b', 1, 'b']]],
  ['datatable (s: string) ["a=1", "b"] | parse-where s with "a=" n: long | project n', [[1]]],
  [
    'print s = "a=1;b=x y" | parse-kv s as (a: long, b: string) with (pair_delimiter=";", kv_delimiter="=") | project a, b',
    [[1, 'x y']],
  ],
  [
    'T | make-series n = count() default=0 on TimeGenerated from datetime(2026-01-01) to datetime(2026-01-01 04:00) step 1h',
    [
      [
        '[2,1,1,0]',
        '["2026-01-01T00:00:00.0000000Z","2026-01-01T01:00:00.0000000Z","2026-01-01T02:00:00.0000000Z","2026-01-01T03:00:00.0000000Z"]',
      ],
    ],
  ],
  [
    'T | where Computer != "Web-2" | make-series s = sum(Size) on TimeGenerated from datetime(2026-01-01) to datetime(2026-01-01 03:00) step 1h by Computer | sort by Computer asc',
    [
      [
        'db',
        '[0,0,7]',
        '["2026-01-01T00:00:00.0000000Z","2026-01-01T01:00:00.0000000Z","2026-01-01T02:00:00.0000000Z"]',
      ],
      [
        'web-1',
        '[30,0,0]',
        '["2026-01-01T00:00:00.0000000Z","2026-01-01T01:00:00.0000000Z","2026-01-01T02:00:00.0000000Z"]',
      ],
    ],
  ],
  [
    'T | make-series a = avg(Size) default=long(null) on TimeGenerated in range(datetime(2026-01-01), datetime(2026-01-01 02:00), 1h)',
    [
      [
        '[15.0,null,7.0]',
        '["2026-01-01T00:00:00.0000000Z","2026-01-01T01:00:00.0000000Z","2026-01-01T02:00:00.0000000Z"]',
      ],
    ],
  ],
  [
    'T | where Size > 100 | make-series n = count() on TimeGenerated from datetime(2026-01-01) to datetime(2026-01-01 02:00) step 1h',
    [],
  ],
  [
    'T | evaluate narrow() | where Column == "Size" | project Row, Value',
    [
      [0, '10'],
      [1, '20'],
      [2, ''],
      [3, '7'],
    ],
  ],
  [
    'T | project Computer, Bag | where isnotempty(Bag.a) | evaluate bag_unpack(Bag) : (Computer: string, a: dynamic)',
    [['web-1', '{"b":7}']],
  ],
  [
    "T | project Computer, Flag | evaluate pivot(Flag, count()) | where ['True'] > 0 | project Computer, f = ['False'], t = ['True'] | sort by Computer asc",
    [
      ['db', null, 1],
      ['web-1', 1, 1],
    ],
  ],
  [
    'T | where Flag == true | project Computer, Bag | evaluate bag_unpack(Bag, "b_") | extend x = tolong(b_a.b) | project Computer, x | sort by Computer asc',
    [
      ['db', null],
      ['web-1', 7],
    ],
  ],
  ['search "nginx" | project $table, Computer', [['T', 'web-1']]],
  ['search in (U) "ann" | project Owner', [['ann']]],
  ['T | search Computer: "web*" and "sshd" | project Computer, Size | sort by Size desc', [['web-1', 10]]],
  ['search kind=case_sensitive "NGINX" | count', [[0]]],
  ['search Computer == "db" | project Size', [[7]]],
  ['find in (T, U) where Computer == "lost" project Computer, Owner', [['U', 'lost', 'cy']]],
  ['union T, U | summarize count(), dcount(Owner)', [[7, 4]]],
  ['union kind=inner T, U | sort by Computer desc | take 1', [['web-1']]],
  [
    'union withsource=Source T, U | summarize n = count() by Source | sort by Source asc',
    [
      ['T', 4],
      ['U', 3],
    ],
  ],
  ['union isfuzzy=true U, Missing, (AlsoMissing | where x == 1) | count', [[3]]],
  ['union U* | count', [[3]]],
  ['U | union (T | take 1) | count', [[4]]],
  [
    'union (print a = 1), (print a = "x")',
    [
      [1, ''],
      [null, 'x'],
    ],
  ],
  [
    'T | join kind=inner U on Computer | project Computer, Computer1, Owner | sort by Owner asc | take 1',
    [['web-1', 'web-1', 'ann']],
  ],
  [
    'T | join kind=rightouter U on Computer | where Owner == "cy" | project Computer, Size, Computer1',
    [['', null, 'lost']],
  ],
  ['T | join kind=fullouter U on Computer | count', [[7]]],
  ['T | join kind=rightsemi U on Computer | project Owner | sort by Owner asc', [['ann'], ['bob']]],
  ['T | join kind=anti U on Computer | project Computer | sort by Computer asc', [['Web-2'], ['db']]],
  [
    'T | join kind=inner (U | extend k = 20) on Computer, $left.Size == $right.k | project Size, Owner | sort by Owner asc',
    [
      [20, 'ann'],
      [20, 'bob'],
    ],
  ],
  ['U | join kind=leftouter T on Computer | where isnull(Size) | project Owner, Computer1, Size', [['cy', '', null]]],
  [
    'T | lookup kind=inner U on Computer | project Computer, Size, Owner | sort by Size asc, Owner asc | take 2',
    [
      ['web-1', 10, 'ann'],
      ['web-1', 10, 'bob'],
    ],
  ],
  [
    'T | lookup (U | project Host = Computer, Owner) on $left.Computer == $right.Host | where Owner == "" | project Computer | sort by Computer asc',
    [['Web-2'], ['db']],
  ],
  ['let f = (x: long, y: long = 2) { x * y }; print f(3), f(3, 3), f(y = 5, x = 1)', [[6, 9, 5]]],
  [
    'let f = (t: (Computer: string, Size: long), least: long) { t | where Size > least | project Computer }; f(T, 8) | count',
    [[2]],
  ],
  ['let f = (t: (*)) { t | take 1 }; T | invoke f() | count', [[1]]],
  ['let big = () { let limit = 8; T | where Size > limit }; big | count', [[2]]],
  ['let v = view () { U }; union v, (v() | take 1) | count', [[4]]],
  ['let a = 1; let b = a + 1; let a2 = toscalar(T | where Size > 8 | count); print a, b, a2', [[1, 2, 2]]],
  ['let hosts = dynamic(["db"]); T | where Computer in (hosts) | project Size', [[7]]],
  ['declare query_parameters(least: long = 8); T | where Size > least | count', [[2]]],
  ['set notruncation; T | count', [[4]]],
  ['T | where Size == toscalar(T | summarize max(Size)) | project Computer', [['web-1']]],
  ['let m = materialize(T | summarize n = count() by Computer); m | join kind=inner m on Computer | count', [[3]]],
  [
    'T | extend h = Size / 2.0 | summarize round(avg(h), 2), tostring(max(TimeGenerated) - min(TimeGenerated))',
    [[6.17, '01:49:59.8765433']],
  ],
  [
    'T | summarize n = count() by Day = startofday(TimeGenerated) | render timechart',
    [['2026-01-01T00:00:00.0000000Z', 4]],
  ],
  ['T | where TimeGenerated between (datetime(2026-01-01) .. datetime(2026-01-01 00:50)) | count', [[2]]],
  [
    'print datetime(2026-01-02) - 1d, datetime(2026-01-02) - datetime(2026-01-01), 1d / 6h, 1d * 1.5, 2 * 1h, 1h + 30m, -1h, 7h % 2h, 1d > 23h',
    [
      [
        '2026-01-01T00:00:00.0000000Z',
        '1.00:00:00',
        4,
        '1.12:00:00',
        '02:00:00',
        '01:30:00',
        '-01:00:00',
        '01:00:00',
        true,
      ],
    ],
  ],
  [
    'print 7 / 2, 7 / 2.0, -7 / 2, 7 % 3, -7 % 3, 1 / 0, 1.0 / 0, 2 + 3 * 4, 5 - 7, 1e3, 0x10, int(3) * int(4)',
    [[3, 3.5, -3, 1, 2, null, null, 14, -2, 1000, 16, 12]],
  ],
  [
    'print parse_json("5") + 1, parse_json("{\\"a\\":\\"2\\"}").a == 2, parse_json("\\"x\\"") == "x", parse_json("2") > 1.5',
    [[6, true, true, true]],
  ],
  [
    'print "a" == "A", "a" =~ "A", "a" !~ "A", "a" != "b", 1 == 1.0, true and bool(null), true or bool(null)',
    [[false, true, false, true, true, null, true]],
  ],
  [
    'print strcat("a", dynamic(null), long(null)), tostring(long(null)), isempty(dynamic(null)), isnull(dynamic(null))',
    [['a', '', true, true]],
  ],
  [
    'print datetime(2026-01-02 03:04:05.6789), datetime(2026-01-02T03:04Z), datetime("2026-01-02"), datetime(2026-01), datetime(2026), datetime(2026-01-02T03:04:05+01:00), datetime(null)',
    [
      [
        '2026-01-02T03:04:05.6789000Z',
        '2026-01-02T03:04:00.0000000Z',
        '2026-01-02T00:00:00.0000000Z',
        '2026-01-01T00:00:00.0000000Z',
        '2026-01-01T00:00:00.0000000Z',
        '2026-01-02T02:04:05.0000000Z',
        null,
      ],
    ],
  ],
  [
    'print 1.5h, 2d, 30s, 10ms, 5tick, time(1.02:03:04.5), timespan(2), 1microsecond, time(null)',
    [
      [
        '01:30:00',
        '2.00:00:00',
        '00:00:30',
        '00:00:00.0100000',
        '00:00:00.0000005',
        '1.02:03:04.5000000',
        '2.00:00:00',
        '00:00:00.0000010',
        null,
      ],
    ],
  ],
  ['T | serialize | extend gap = TimeGenerated - prev(TimeGenerated) | where isnotnull(gap) | count', [[3]]],
  [
    'T | sort by TimeGenerated asc | extend before = prev(Size) | where isnotnull(before) and Size > before | project Size, before',
    [[20, 10]],
  ],
  ['T | sort by Size desc | extend next_ = next(Size) | take 1 | project Size, next_', [[20, 10]]],
]
