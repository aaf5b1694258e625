"""Writes jinja-cases.json: templates and what Jinja2 3.1, set up as transformers sets it up, makes of them.

    python3 jinja-cases.py

An expected text of null stands for an error. "refused" is the text of raise_exception.
"""
import datetime
import json
import pathlib

import jinja2
import jinja2.ext
import jinja2.sandbox

VARIABLES = json.loads(r'''{
 "i": 7, "n": -3, "f": 2.5, "s": "Hello, World", "u": "ñ🙂日 Ab", "sp": "  x y\t\n", "num": "42", "html": "<b>\"A\" & 'B'</b>",
 "l": [3, 1, 2], "ls": ["b", "A", "c", "a"], "d": {"a": 1, "b": {"c": [1, 2]}, "items": "shadow", "title": "T", "update": 5},
 "ld": [{"r": "u", "c": "x", "n": 2}, {"r": "a", "c": "", "n": 1}, {"r": "u", "n": 3}],
 "tree": [{"v": 1, "kids": [{"v": 2}, {"v": 3, "kids": [{"v": 4}]}]}, {"v": 5}], "no": null
}''')

EXPRESSIONS = r'''
d.items() | d.keys() | d.values()
d.items()|list|first
d.keys()[0]
d.items() is sequence, d.items() is iterable, d.keys()|length
d['items'] ~ d.title ~ d.items|string is string
d.update
d.update is defined
d.update(1)
l.append(4)
''.__class__
d[l], l['x'], d[0]
l[1:] ~ l[::-1] ~ u[::-1] ~ u[-2:] ~ (1, 2, 3)[:2]
i[1:]
missing[1:]
range(3) ~ range(1, 6, 2) ~ range(10)[2:5] ~ range(5)[-1] ~ range(0)|length
range(3) == range(3), range(3) == [0, 1, 2], 2 in range(3), range(3) is sequence
range(3)|tojson
range(3)|list|tojson
(l|select('odd'))|list
l|map('string')|join('+')
d.items()|tojson
l|select('odd')|tojson
(l|reverse)|list ~ ('abc'|reverse)
l|select('odd')|last
l|last ~ d|last ~ 'abc'|last ~ range(4)|last
'<a>'|safe + '<b>' ~ '<c>'
'<a>' + '<b>'|safe
('<a>'|e + '&')|length
'<a>'|e|e ~ '<a>'|e|forceescape
['<a>'|safe]
('<a>'|safe)|upper is escaped, '<a>' is escaped
'%s|%5d|%-5s|%05.1f|%x|%r' % ('a', 3, 'b', 2.25, 255, 'c')
'%s' % 'x' ~ '%d%%' % 50 ~ '%(a)s' % d
'%s %s' % 'a'
'%d' % 'x'
'%s' % ('a', 'b')
"%s, %s!"|format('Hi', 'you') ~ "%(a)s"|format(a=1)
'{} {}'.format(1, 'a') ~ '{0}{1}{0}'.format('x', 'y') ~ '{a[b]} {a.b}'.format(a={'b': 1})
'{:>5}|{:<5}|{:^5}|{:*^7}'.format(1, 'a', 'b', 'c')
'{:.2f} {:,} {:05d} {:+} {:x} {:#b} {:e} {:%} {:g}'.format(2.675, 1234567, 42, 3, 255, 5, 12345.678, 0.25, 0.0001)
'{!r} {!s}'.format('a', 'b') ~ '{{}}'.format()
'{:d}'.format('x')
'{}'.format()
'{:c}{:c}'.format(65, 128578) ~ "%c"|format(128578)
'{:c}'.format(1114112)
'{:c}'.format(-1)
"%c"|format(4294967361)
[1, 2] * 2 ~ (1,) * 3 ~ 'ab' * 2 ~ 2 * 'x'
7 // -2 ~ ' ' ~ 7 % -3 ~ ' ' ~ -7.5 // 2 ~ ' ' ~ -7.5 % 2 ~ ' ' ~ 7.5 % -2
2 ** 3 ** 2 ~ ' ' ~ -2 ** 2 ~ ' ' ~ 2 ** -1
true + true ~ ' ' ~ -true ~ ' ' ~ true / 2
1 / 0
1.0 // 0
[1, 2] < [1, 3], (1, 2) < (1, 2, 0), 'a' < 'b'
[1] < (2,)
1 < 'a'
none < 1
missing < 1
2.5|round ~ ' ' ~ 3.5|round ~ ' ' ~ 5|round ~ ' ' ~ 2.675|round(2) ~ ' ' ~ 42.55|round(1, 'floor') ~ ' ' ~ 42.1|round(0, 'ceil') ~ ' ' ~ 1234.5|round(-2)
'12'|int ~ '1_000'|int ~ ' 7 '|int ~ '0x1F'|int(base=16) ~ '11'|int(0, 2) ~ '12.7'|int ~ 'x'|int(5) ~ none|int(3) ~ true|int
'1.5'|float ~ 'inf'|float ~ '1e3'|float ~ 'x'|float(2.0) ~ '1_0.5'|float
missing|int
missing|float
'Straße'|upper ~ 'ΑΣ'|lower ~ 'ﬁ'|capitalize ~ 'ǆ'.title() ~ 'İ'.lower() ~ 'ŉ'.upper()
'hello world-wide (x)'|title ~ "they're bill's".title() ~ 'hELLO wORLD'|capitalize ~ 'aB'.swapcase() ~ 'STRASSE ß'.casefold()
'a,b,,c'.split(',') ~ ' a  b '.split() ~ 'a b c'.split(none, 1) ~ 'a b c'.rsplit(' ', 1) ~ ' a b  c '.rsplit(none, 1)
'a\nb\r\nc'.splitlines() ~ 'a\nb\n'.splitlines(true)
'a.b.c'.partition('.') ~ 'a.b.c'.rpartition('.') ~ 'abc'.partition('x') ~ 'abc'.rpartition('x')
'hello'.find('l') ~ 'hello'.find('l', 3) ~ 'hello'.rfind('l') ~ 'hello'.find('z') ~ 'a🙂b'.find('b') ~ 'hello'.index('e') ~ 'hello'.rindex('l')
'hello'.index('z')
'hello'.count('l') ~ 'hello'.count('l', 3) ~ 'aaa'.count('') ~ 'hello'.startswith('l', 2) ~ 'hello'.endswith(('x', 'lo'))
'7'.zfill(3) ~ '-7'.zfill(4) ~ 'a'.center(4, '*') ~ 'ab'.center(5) ~ '|' ~ 'a'.ljust(3) ~ '|' ~ 'a'.rjust(3, '.') ~ 'a\tb'.expandtabs(4)
'12'.isdigit() ~ '²'.isdigit() ~ '½'.isnumeric() ~ 'ab'.isalpha() ~ 'a1'.isalnum() ~ ' '.isspace() ~ 'Ab'.istitle() ~ 'ab'.islower() ~ 'a_1'.isidentifier() ~ ''.isalpha()
'xxabxx'.strip('x') ~ 'prefix-a'.removeprefix('prefix-') ~ 'a.txt'.removesuffix('.txt') ~ 'aaa'.replace('a', 'b', 2) ~ 'ab'.replace('', '-')
'-'.join(['a', 'b']) ~ '-'.join('xyz')
'-'.join([1])
[1, 2, 3]|batch(2)|list ~ [1, 2, 3]|batch(2, 0)|list ~ [1, 2, 3, 4, 5]|slice(3)|list ~ [1, 2, 3, 4, 5]|slice(3, 'x')|list
ld|groupby('r')|list
('<a>'|safe)[0] ~ ['<a>'|safe|last] ~ 'x' % missing
ld|groupby('r')|map(attribute='grouper')|join(',')
ld|sort(attribute='r,n')|map(attribute='n')|list
ld|map(attribute='c', default='?')|list ~ ld|sum(attribute='n') ~ ld|max(attribute='n') ~ ls|min
['a', 1]|sort
[none, 1]|max
ls|sort ~ ls|sort(case_sensitive=true) ~ ls|sort(true) ~ ['a', 'A', 'b']|unique|list
l|sum(start=10) ~ [[1], [2]]|sum(start=[]) ~ [1.5, 2]|sum
['a']|sum
{'b': 1, 'A': 2, 'c': 0}|dictsort ~ {'b': 1, 'A': 2}|dictsort(true) ~ {'b': 2, 'a': 3}|dictsort(by='value', reverse=true)
'a long text that goes on'|truncate(10) ~ '|' ~ 'a long text'|truncate(8, true, '…', 0) ~ '|' ~ 'abcdefghijk'|truncate(9)
'the quick brown fox'|wordwrap(10) ~ '|' ~ 'abcdefghij'|wordwrap(4) ~ '|' ~ 'a b'|wordwrap(1)
'a b/ü&'|urlencode ~ '|' ~ {'a': 'x y', 'b': '/'}|urlencode
'<p>a  <b>b</b></p> &amp; <!-- x -->c'|striptags
{'class': 'a"b', 'id': none, 'x': 1}|xmlattr
1|filesizeformat ~ 999|filesizeformat ~ 123456|filesizeformat ~ 123456|filesizeformat(true) ~ 10000000000|filesizeformat
ld[0]|attr('r') ~ 'a'|attr('upper')() ~ ld[0]|attr('items') is callable
'a\nb'|indent ~ '|' ~ 'a\n\nb'|indent(2, true) ~ '|' ~ 'a\n\nb'|indent('> ', blank=true)
3|indent
'ab'|center(6) ~ '|' ~ 5|string|length ~ 'a b c'|wordcount
5 is divisibleby 5, 5.0 is odd, 4 is even, 'a' is lower, 'A' is upper, missing is callable, range is callable
1 is sameas 1, none is sameas none, 1 is number, 1.0 is float, true is integer, 1 is integer, {} is mapping, 'a' is sequence
'a' is in 'abc', 1 is not in [2], 3 is ge 3, 'x' is eq 'x', 2 is lessthan 3
(1).real ~ (2.5).is_integer() ~ (5).bit_length() ~ (7).numerator ~ (2.0).imag
dict([('a', 1)], b=2) ~ dict({'x': 1}) ~ dict()
namespace(a=1, b=2).b ~ namespace({'q': 3}).q ~ namespace().x
cycler('a', 'b').next() ~ joiner('|')() ~ joiner()()
{'a': 1, 'a': 2} ~ {1: 'x', true: 'y'} ~ {(1, 2): 3}
{[1]: 2}
[1e16, 1e15, 123456789.123, 1e-5, 0.1, 5e-324, 1.7976931348623157e308, -0.0, 1e22, 2.0]
[1e16, 0.1, -0.0, 1.0, 123456789012345680000.0]|tojson
{'a': [1, {'b': none}], 'c': [], 'd': {}}|tojson(indent=2)
{'b': 1, 'a': {'d': 1, 'c': 2}}|tojson(sort_keys=true, separators=(',', ':'))
[1, [2, 3]]|tojson(indent=0) ~ [1]|tojson(indent='\t') ~ (1, 2)|tojson
'é🙂"\\\u2028\x7f\x01/'|tojson ~ 'é🙂"\\\u2028\x7f\x01/'|tojson(ensure_ascii=true)
{1: 'a', true: 'b', none: 'c', 1.5: 'd'}|tojson
missing|tojson
namespace(a=1)|tojson
'<b>'|safe|tojson ~ '<>&\''|tojson
'\x41\u00e9\U0001F600\101\q\'' 'joined'
0x1f ~ ' ' ~ 0b11 ~ ' ' ~ 0o17 ~ ' ' ~ 1_000 ~ ' ' ~ 1e3 ~ ' ' ~ 1.5E-2
not 1 in [2] and 1 not in [2]
1 if false
(1 if false) is undefined
missing.x
missing ~ missing|length ~ missing|list ~ (missing == missing)
no.x
no.x.y
no|length
5()
s|nothing if false else 'kept'
l|first ~ []|first ~ ''|last
(l|map('nothing')) is defined
l|map('nothing')|list
'a' in 5
1 in 'a'
strftime_now('%d %b %Y %H:%M %A %j %-d %p')
'a' ~ 1 ~ 1.0 ~ none ~ true ~ [] ~ ''
[missing, none, true, 'a\'b', "a\"b", 'a\'"b', 'tab\t', 'é', '\u200b', '\x7f']
'ab' 'cd'|upper ~ -1|abs ~ (-1)|abs ~ 2|string * 2
d|items|list ~ missing|items|list
(5|items) is defined
5|items|list
raise_exception('no: ' ~ i)
'''.strip('\n').split('\n')

TEMPLATES = [
    "{% set g = l|select('odd') %}{{ g|list }}{{ g|list }}",
    "{% set g = l|map('string') %}{% for x in g %}{{ x }}{% endfor %}{% for x in g %}{{ x }}{% else %}done{% endfor %}{{ 1 if g }}",
    "{% for x in l if x != ns.skip %}{{ x }}{% endfor %}",
    "{% set ns = namespace(skip=0) %}{% for x in [1, 2, 3] if x != ns.skip %}{{ x }}{% set ns.skip = x + 1 %}{% endfor %}",
    "{% for x in [1, 2, 3] if x != ns.skip %}{% endfor %}{% set ns = namespace(skip=0) %}",
    "{% for n in tree recursive %}{{ loop.depth }}{{ n.v }}[{{ loop(n.kids) if n.kids }}]{% endfor %}",
    "{% for n in tree recursive %}{{ loop.depth0 }}{% if n.kids %}({{ loop(n.kids) }}){% endif %}{% else %}none{% endfor %}",
    "{% for x in l %}{{ loop(l) }}{% endfor %}",
    "{% for x in l %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }} {% endfor %}",
    "{% for x in l|select %}{{ loop.revindex }}{{ loop.length }}{% if loop.first %}{% continue %}{% endif %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for (a, (b, c)) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}{% set x, (y, z) = 1, [2, 3] %}{{ x }}{{ y }}{{ z }}",
    "{% for a, b in [(1, 2, 3)] %}{% endfor %}",
    "{% for a, b in d.items() %}{{ a }}={{ b }};{% endfor %}{% for k in d %}{{ k }}{% endfor %}",
    "{% for x in l %}{% for y in 'ab' %}{{ loop.index }}{{ y }}{% if y == 'a' %}{% continue %}{% endif %}{% break %}{% endfor %}{{ loop.index }} {% endfor %}",
    "{% set x = 1 %}{% for i in l %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}{% if true %}{% set x = 9 %}{% endif %}{{ x }}",
    "{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(a=3) }}{{ m() }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, x=2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}",
    "{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, x=4) }}{{ m(*[1, 2], **{'y': 5}) }}",
    "{% macro m(a) %}{{ a }}{{ caller() }}{% endmacro %}{% call m(1) %}in{{ i }}{% endcall %}",
    "{% macro m(a) %}{{ caller is defined }}{% endmacro %}{{ m(1) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{% call m(1) %}x{% endcall %}",
    "{% macro m() %}{% for x in l %}{{ caller(x, y=loop.index) }}{% endfor %}{% endmacro %}{% call(a, y=0) m() %}<{{ a }}{{ y }}>{% endcall %}",
    "{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}{% set x = 2 %}{{ m() }}",
    "{% macro m(x) %}{% if x > 0 %}{{ x }}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(3)|length }}",
    "{% macro outer() %}{% macro inner() %}in{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}{{ inner is defined }}",
    "{% set t %} a {{ i }} {% endset %}[{{ t|trim }}]{% set t|upper|trim %} b {% endset %}[{{ t }}]",
    "{% set ns = namespace(a=1) %}{% set ns.b %}x{{ ns.a }}{% endset %}{{ ns.b }}{% set ns.a = ns.a + 1 %}{{ ns['a'] }}",
    "{% filter upper %}a{{ s }}{% endfilter %}{% filter replace('a', 'b')|indent(2) %}a\na{% endfilter %}",
    "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% set a = 5 %}{{ a }}{% endwith %}{{ a is defined }}",
    "{% generation %}{% set q = 1 %}{{ q }}{% endgeneration %}{{ q is defined }}",
    "{% if s|nothing %}{% endif %}",
    "{% if false %}{{ s|nothing }}{% endif %}ok",
    "{% if false %}{{ s is nothing }}{% endif %}ok",
    "{% if true %}{{ s|nothing }}{% endif %}",
    "{% if false %}{% for x in l %}{{ x|nothing }}{% endfor %}{% endif %}ok",
    "{{ s|nothing }}",
    "{% if 0 %}a{% elif '' %}b{% elif [] %}c{% elif {} %}d{% elif 0.0 %}e{% elif none %}f{% elif missing %}g{% else %}h{% endif %}",
    "  {%- if true %}\n    a\n  {%- else %}\n b\n  {%- endif %}\n  c\n",
    "a\n  {% if true %}  \n  b\n  {% endif %}  \nc  \n",
    "a\n  {{ i }}\n  {#- x -#}\n  b {# y #}\n c\n\n",
    "{%- for x in l -%}\n {{ x }}\n{%- endfor -%}\n",
    "{% raw %}\n {{ x }} {% if %}\n{% endraw %}\n  {%- raw -%} a {%- endraw -%} b",
    "a {%+ if true +%} \n b{%+ endif -%}  \n c",
    "{{ '{{ x }}' }}{{ '%}' }}{{ \"#}\" }}{# {{ x }} {% #}",
    "{{- 'a' -}}   \n  {{- 'b' }}  \n  {{ 'c' -}}  ",
    "a\u00a0{%- if true -%}\u3000\n b \u2003{{- 'c' -}}\u00a0 d{% endif %}\u00a0\n{{\u00a0i\u3000}}",
    "x\r\ny\r{{ 'a\r\nb' }}\n",
    "{% set j = joiner(', ') %}{% for x in l %}{{ j() }}{{ x }}{% endfor %}",
    "{% set c = cycler('a', 'b') %}{% for x in l %}{{ c.next() }}{{ c.current }}{% endfor %}{{ c.reset() }}{{ c.next() }}",
    "{% for g in ld|groupby('r') %}{{ g.grouper }}:{% for x in g.list %}{{ x.n }}{% endfor %} {% endfor %}{% for k, v in ld|groupby('r') %}{{ k }}{{ v|length }}{% endfor %}",
    "{{ raise_exception('Roles must alternate: ' ~ ls) }}",
    "{% for m in ld if m.r == 'u' %}{% if loop.last %}{{ raise_exception('last ' ~ m.n) }}{% endif %}{{ m.n }}{% endfor %}",
]


class Now(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime(2024, 7, 26, 15, 4, 5)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_written"), [], [], body).set_lineno(line)

    def _written(self, caller):
        return caller()


class Refusal(Exception):
    pass


def refuse(message):
    raise Refusal(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = refuse
environment.globals["strftime_now"] = lambda pattern: Now.now().strftime(pattern)


def case(template):
    try:
        return {"template": template, "text": environment.from_string(template).render(json.loads(json.dumps(VARIABLES)))}
    except Refusal as refusal:
        return {"template": template, "refused": str(refusal)}
    except Exception:
        return {"template": template, "text": None}


templates = ["{{ " + expression + " }}" for expression in EXPRESSIONS] + TEMPLATES
cases = [case(template) for template in templates]
unstable = [item["template"] for item in cases if " at 0x" in (item.get("text") or "")]
assert not unstable, unstable
document = {"variables": VARIABLES, "cases": cases}
path = pathlib.Path(__file__).with_suffix(".json")
lines = ",\n".join("  " + json.dumps(item, ensure_ascii=True) for item in cases)
path.write_text('{\n "variables": ' + json.dumps(VARIABLES) + ',\n "cases": [\n' + lines + "\n ]\n}\n")
print(len(cases), "cases,", sum(item.get("text", "") is None for item in cases), "errors")
