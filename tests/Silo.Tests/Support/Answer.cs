using System.Net;
using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>A whole HTTP answer.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text, TimeSpan? RetryAfter)
{
    public static async Task<Answer> Read(HttpResponseMessage response)
    {
        using (response)
            return new(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.RetryAfter?.Delta);
    }

    public JsonElement Success()
    {
        Status.ShouldBe(HttpStatusCode.OK, Text);
        return JsonElement.Parse(Text);
    }

    /// <summary>The error of OpenAI's shape; fails when it is another.</summary>
    public JsonElement Error()
    {
        var error = JsonElement.Parse(Text).GetProperty("error");
        error.EnumerateObject().Select(member => member.Name).ShouldBe(["message", "type", "param", "code"], ignoreOrder: true);
        error.GetProperty("message").GetString().ShouldNotBeNullOrWhiteSpace();
        error.GetProperty("type").GetString().ShouldNotBeNullOrWhiteSpace();
        return error;
    }
}
