using System.Text.Json;
using Splitwiser.Models.Chat;

namespace Splitwiser.Models.Tests.Chat;

/// <summary>Templates and what Jinja 3.1 makes of them, as transformers sets it up.</summary>
public sealed class ChatTemplateTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("7 // 2 ~ ' ' ~ -7 // 2 ~ ' ' ~ -7 % 3 ~ ' ' ~ 7 / 2", "3 -4 2 3.5")]
    [InlineData("2 ** 10", "1024")]
    [InlineData("1 < 2 < 3 and not 1 > 2", "True")]
    [InlineData("0 or '' or 'last'", "last")]
    [InlineData("'a' if none else 'b'", "b")]
    [InlineData("'a' if false", "")]
    [InlineData("[1, 'a', none, true, 1.0]", "[1, 'a', None, True, 1.0]")]
    [InlineData("(1,)", "(1,)")]
    [InlineData("{'a': {'b': [1]}}", "{'a': {'b': [1]}}")]
    [InlineData("\"it's\" ~ 'a' 'b'", "it'sab")]
    [InlineData("['it\\'s', 'x\\n']", "[\"it's\", 'x\\n']")]
    [InlineData("'a' + 1.5", null)]
    [InlineData("[1e16, 1e15, 1.5e-7, 0.0001, 100.0, 1.1]", "[1e+16, 1000000000000000.0, 1.5e-07, 0.0001, 100.0, 1.1]")]
    [InlineData("list[0] ~ list[-1] ~ list[5]", "13")]
    [InlineData("list[1:] ~ list[::-1] ~ list[:-1]", "[2, 3][3, 2, 1][1, 2]")]
    [InlineData("'a🙂b'[1] ~ 'a🙂b'|length ~ 'a🙂b'[::-1]", "🙂3b🙂a")]
    [InlineData("dict.a ~ dict['a'] ~ dict.missing ~ dict.get('x', 'd')", "11d")]
    [InlineData("'a' in 'cat' and 2 in list and 'a' in dict and 4 not in list", "True")]
    [InlineData("1 == 1.0 and true == 1 and [1] == [1.0] and 'a' != 1", "True")]
    [InlineData("missing is defined or list is not defined", "False")]
    [InlineData("none is none and 's' is string and 1 is number and {} is mapping and list is iterable and list is sequence", "True")]
    [InlineData("true is true and 1 is not true and 2 is even and 9 is divisibleby 3 and 'a' is eq 'a' and 1 is in [1]", "True")]
    [InlineData("'  a '|trim ~ '|' ~ 'a,b'|replace(',', '-')|upper", "a|A-B")]
    [InlineData("'hello-world foo'|title ~ 'hELLO'|capitalize", "Hello-World FooHello")]
    [InlineData("list|join(', ') ~ list|first ~ list|last ~ list|length ~ list|sum", "1, 2, 31336")]
    [InlineData("['b', 'A', 'c']|sort ~ [3, 1]|sort(reverse=true) ~ [1, 1, 2]|unique|list", "['A', 'b', 'c'][3, 1][1, 2]")]
    [InlineData("{'b': 1, 'a': 2}|dictsort ~ {'b': 1}|items|list", "[('a', 2), ('b', 1)][('b', 1)]")]
    [InlineData("missing|default('d') ~ ''|default('d') ~ ''|default('d', true)", "dd")]
    [InlineData("'12'|int + '1.9'|int + 'x'|int(7) + '1.5'|float", "21.5")]
    [InlineData("messages|map(attribute='role')|join(',')", "user,assistant")]
    [InlineData("messages|selectattr('role', 'equalto', 'user')|map(attribute='content')|list", "['Hi']")]
    [InlineData("messages|rejectattr('tool_calls', 'defined')|list|length", "2")]
    [InlineData("[0, 1, 2]|select('odd')|list ~ [0, 1]|select|list ~ ['a']|map('upper')|list", "[1][1]['A']")]
    [InlineData("'a b  c'.split() ~ 'a,b,c'.split(',', 1) ~ 'a.b'.partition('.')", "['a', 'b', 'c']['a', 'b,c']('a', '.', 'b')")]
    [InlineData("'xxaxx'.strip('x') ~ 'abc'.startswith('ab') ~ 'abc'.endswith(('x', 'c')) ~ '-'.join(['a', 'b'])", "aTrueTruea-b")]
    [InlineData("range(3)|list ~ range(5, 0, -2)|list", "[0, 1, 2][5, 3, 1]")]
    [InlineData("{'é': [1, none, true], 'q': '\"\\n'}|tojson", "{\"é\": [1, null, true], \"q\": \"\\\"\\n\"}")]
    [InlineData("{'a': [], 'b': {'c': 1}}|tojson(indent=2)", "{\n  \"a\": [],\n  \"b\": {\n    \"c\": 1\n  }\n}")]
    [InlineData("{'b': 1, 'a': 2}|tojson(sort_keys=true, separators=(',', ':'))", "{\"a\":2,\"b\":1}")]
    [InlineData("'a\nb\n\nc'|indent(2)", "a\n  b\n\n  c")]
    [InlineData("strftime_now('%d %b %Y, %A %-d')", "26 Jul 2024, Friday 26")]
    [InlineData("bos ~ extra.deep[0]", "<s>x")]
    public void An_expression_has_the_value_that_it_has_in_Jinja(string expression, string? expected)
    {
        if (expected is null)
            Should.Throw<ChatTemplateException>(() => Render($"{{{{ {expression} }}}}")).Line.ShouldBe(1); // refused, as in Python
        else
            Render($"{{{{ {expression} }}}}").ShouldBe(expected);
    }

    [Theory]
    [InlineData("a\n{% if true %}\nb\n{% endif %}\nc\n", "a\nb\nc")]                   // a newline behind a block tag goes
    [InlineData("a\n    {% if true %}\n  b\n    {% endif %}\nc", "a\n  b\nc")]         // and so do blanks before one that begins its line
    [InlineData("a  {%- if true -%}  b  {%- endif -%}  c", "abc")]
    [InlineData("a\n  {%+ if true %}b{% endif +%}\nc", "a\n  b\nc")]
    [InlineData("a  {{- 'b' -}}  c\n  {{ 'd' }}", "abc\n  d")]
    [InlineData("a\n  {# a comment #}\nb{#- c -#}  d", "a\nbd")]
    [InlineData("{% raw %}{{ x }}{% endraw %}{{ '}}' }}", "{{ x }}}}")]
    [InlineData("a\r\nb\rc\n\n", "a\nb\nc\n")]
    public void Blanks_around_tags_go_as_transformers_sets_it(string template, string expected) => Render(template).ShouldBe(expected);

    [Theory]
    [InlineData("{% for x in list %}{{ loop.index }}{{ loop.first }}{{ loop.last }}{{ loop.revindex0 }} {% endfor %}", "1TrueFalse2 2FalseFalse1 3FalseTrue0 ")]
    [InlineData("{% for x in list if x != 2 %}{{ x }}{{ loop.length }}{{ loop.nextitem }}{% else %}none{% endfor %}", "123" + "32")]
    [InlineData("{% for x in [] %}x{% else %}none{% endfor %}", "none")]
    [InlineData("{% for k, v in {'a': 1}.items() %}{{ k }}={{ v }}{% endfor %}", "a=1")]
    [InlineData("{% for x in list %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% if loop.last %}{% break %}{% endif %}{% endfor %}", "13")]
    [InlineData("{% for x in list %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }} {% endfor %}", "aTrue bTrue aFalse ")]
    [InlineData("{% set x = 1 %}{% for y in list %}{% set x = y %}{{ x }}{% endfor %}{{ x }}", "1231")] // a turn's names end with it
    [InlineData("{% set ns = namespace(x=1) %}{% for y in list %}{% set ns.x = ns.x + y %}{% endfor %}{{ ns.x }}", "7")]
    [InlineData("{% if false %}a{% elif true %}{% set x = 2 %}{% endif %}{{ x }}", "2")]
    [InlineData("{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set c | upper %}x{{ a }}{% endset %}{{ c }}", "12X1")]
    [InlineData("{% macro m(a, b='B', c=a) %}{{ a }}{{ b }}{{ c }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }}{{ m(1, c=3, d=4) }}", "1B1(){}1B3(){'d': 4}")]
    [InlineData("{% macro m() %}[{{ caller(1) }}]{% endmacro %}{% call(x) m() %}in{{ x }}{% endcall %}", "[in1]")]
    [InlineData("{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}", "3")]
    [InlineData("{% filter upper | trim %} a {% endfilter %}", "A")]
    [InlineData("{% generation %}a{% endgeneration %}", "a")]
    [InlineData("{% macro down(n) %}{{ n }}{% if n > 0 %}{{ down(n - 1) }}{% endif %}{% endmacro %}{{ down(3) }}", "3210")]
    public void A_statement_does_what_it_does_in_Jinja(string template, string expected) => Render(template).ShouldBe(expected);

    [Fact]
    public void Messages_tools_and_the_generation_prompt_are_given()
    {
        const string template = "{% for m in messages %}{{ m.role }}:{{ m['content'] }};{% endfor %}{{ tools is none }}{{ tools | tojson }}{{ add_generation_prompt }}{{ documents }}";
        Render(template).ShouldBe("user:Hi;assistant:Yo;TruenullFalseNone");
        ChatTemplate.Parse(template).Render(JsonElement.Parse("[]"), JsonElement.Parse("""[{"a":1.0,"b":100000000000000000000}]"""))
            .ShouldBe("""False[{"a": 1.0, "b": 100000000000000000000}]TrueNone""");
    }

    [Fact]
    public void A_template_can_refuse_its_messages() =>
        Should.Throw<ChatRefusedException>(() => Render("{{ raise_exception('roles must alternate') }}")).Message.ShouldBe("roles must alternate");

    [Theory]
    [InlineData("a\n{{ missing.x }}", 2, "'missing' is undefined")]
    [InlineData("{{ 1 + 'a' }}", 1, "unsupported operand type(s) for +: 'int' and 'str'")]
    [InlineData("{% for x in 5 %}{% endfor %}", 1, "'int' object is not iterable")]
    [InlineData("\n\n{{ missing() }}", 3, "'missing' is undefined")]
    [InlineData("{{ list.append(1) }}", 1, "access to attribute 'append' of 'list' object is unsafe.")]
    [InlineData("{{ ''.__class__.x }}", 1, "access to attribute '__class__' of 'str' object is unsafe.")]
    [InlineData("{% set list.x = 1 %}", 1, "cannot assign attribute on non-namespace object")]
    public void What_goes_wrong_is_said_with_its_line(string template, int line, string problem)
    {
        var error = Should.Throw<ChatTemplateException>(() => Render(template));
        (error.Line, error.Problem).ShouldBe((line, problem));
    }

    [Theory]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% set ns = namespace(x='x') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(1000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{{ 'x' * 1000000000 }}")]
    [InlineData("{{ 9 ** 9 ** 9 ** 9 }}")]
    [InlineData("{{ range(10000000) }}")]
    public void A_template_can_t_run_or_grow_without_end(string template) => Should.Throw<ChatTemplateException>(() => Render(template));

    [Theory]
    [InlineData("a\n{% include 'x' %}", 2, "the statement 'include', which is not served here")]
    [InlineData("{{ 'a' | nonsense }}", 1, "the filter 'nonsense', which is not served")]
    [InlineData("{{ 1 is nonsense }}", 1, "the test 'nonsense', which is not served")]
    [InlineData("\n{% if true %}", 2, "expected 'endif', found the end of the template")]
    [InlineData("{{ 'a", 1, "a string that does not end")]
    [InlineData("{{ (1 }}", 1, "an unexpected '}'")]
    [InlineData("{% endif %}", 1, "the statement 'endif', which is not served here")]
    [InlineData("{% break %}", 1, "the statement 'break', which is not served here")]
    [InlineData("{# a", 1, "a comment that does not end")]
    [InlineData("{{ 1 + }}", 1, "expected an expression, found '}}'")]
    public void A_malformed_template_is_refused_at_load_with_its_line(string template, int line, string problem)
    {
        var error = Should.Throw<ChatTemplateException>(() => ChatTemplate.Parse(template));
        (error.Line, error.Problem).ShouldBe((line, problem));
    }

    [Fact]
    public void A_template_that_nests_too_deep_is_refused()
    {
        Should.Throw<ChatTemplateException>(() => ChatTemplate.Parse("{{ " + new string('(', 200_000) + "1" + new string(')', 200_000) + " }}"));
        Should.Throw<ChatTemplateException>(() => ChatTemplate.Parse(string.Concat(Enumerable.Repeat("{% if 1 %}", 100_000))));
    }

    private static string Render(string template)
    {
        var variables = new Dictionary<string, JsonElement>
        {
            ["list"] = JsonElement.Parse("[1, 2, 3]"),
            ["dict"] = JsonElement.Parse("""{"a": 1}"""),
            ["bos"] = JsonElement.Parse("\"<s>\""),
            ["extra"] = JsonElement.Parse("""{"deep": ["x"]}"""),
        };
        var messages = JsonElement.Parse("""[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]""");
        return ChatTemplate.Parse(template, new FixedClock()).Render(messages, addGenerationPrompt: false, variables: variables);
    }
}
