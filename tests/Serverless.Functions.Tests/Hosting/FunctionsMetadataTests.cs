using System.Text.Json;

namespace Serverless.Functions.Tests.Hosting;

/// <summary>What the worker tells the host of its functions.</summary>
public sealed class FunctionsMetadataTests
{
    private static readonly IReadOnlyList<JsonElement> Functions =
    [
        .. JsonDocument
            .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "functions", "functions.metadata")))
            .RootElement.EnumerateArray(),
    ];

    /// <summary>The host sorts functions by name, ignoring case, and the first route that matches wins: a template has no
    /// precedence.</summary>
    [Fact]
    public void The_route_that_takes_everything_comes_last()
    {
        var routes = Functions
            .OrderBy(f => f.GetProperty("name").GetString(), StringComparer.OrdinalIgnoreCase)
            .SelectMany(f => f.GetProperty("bindings").EnumerateArray())
            .Where(b => b.TryGetProperty("route", out _))
            .Select(b => b.GetProperty("route").GetString())
            .ToList();
        Assert.Equal(["entra/{*path}", "health", "{*path}"], routes);
    }

    [Fact]
    public void Health_answers_GET_and_HEAD_to_everybody()
    {
        var trigger = Functions
            .Single(f => f.GetProperty("name").GetString() == "health")
            .GetProperty("bindings")
            .EnumerateArray()
            .First(b => b.GetProperty("type").GetString() == "httpTrigger");
        Assert.Equal("Anonymous", trigger.GetProperty("authLevel").GetString());
        Assert.Equal(["get", "head"], trigger.GetProperty("methods").EnumerateArray().Select(m => m.GetString()));
    }
}
