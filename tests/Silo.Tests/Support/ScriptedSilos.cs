using Splitwiser.Silo.Tests;

[assembly: AssemblyFixture(typeof(HermesSilo))]

namespace Splitwiser.Silo.Tests;

/// <summary>A host whose model calls tools as Qwen does and thinks before it answers: the last message's content is the cue.</summary>
public sealed class HermesSilo : IAsyncLifetime
{
    public const string Template =
        """
        {%- if tools %}{{- '<tools>' ~ (tools | tojson) ~ '</tools>, to be called in <tool_call> tags\n' }}{% endif -%}
        {%- for message in messages -%}
        {{- message.role ~ ': ' }}{% if message.content %}{{ message.content }}{% endif -%}
        {%- for call in message.tool_calls or [] %}{{ '<tool_call>' ~ call.function.name ~ call.function.arguments.city ~ '</tool_call>' }}{% endfor -%}
        {%- if not loop.last %}{{ '\n' }}{% endif -%}
        {%- endfor -%}
        {%- if think %}{{ '@cue-thinking@<think>' }}{% endif -%}
        """;

    /// <summary>What the model says when a prompt ends with the cue.</summary>
    public static readonly IReadOnlyList<(string Cue, string Text)> Scripts =
    [
        ("@weather@", "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\", \"days\": [1, 2]}}\n</tool_call>"),
        ("@two@", "I look both up.\n<tool_call>{\"name\": \"get_time\", \"arguments\": {}}</tool_call>\n<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\":\"Oslo\"}}</tool_call>"),
        ("@plain@", "It is sunny."),
        ("@think@", "<think>\nSunny means no rain.\n</think>\n\nTake no umbrella."),
        ("<think>", "Hm, hm.</think>Done thinking."),
    ];

    private TemporaryFolder? folder;
    private RunningSilo? silo;

    internal Api Api => silo!.Api;

    public async ValueTask InitializeAsync()
    {
        folder = ScriptedModel.Write(Template, Scripts);
        silo = await RunningSilo.Start("--model", folder.Path, "--served-model-name", "scripted", "--num-gpu-blocks-override", "128");
    }

    public async ValueTask DisposeAsync()
    {
        if (silo is not null)
            await silo.DisposeAsync();
        folder?.Dispose();
    }
}
