using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Serverless.Data.Values;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Components;

namespace Serverless.Dvc.Tests.Reading;

/// <summary>What DVC itself makes of 24 pipelines: stages, variables used, errors.</summary>
public sealed partial class ConformanceTests
{
    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "golden", "dvc", "cases");

    // Errors that only show when something runs.
    private static readonly string[] AtRunTime = ["ReproductionError"];

    public static TheoryData<string> Cases =>
        [.. Directory.EnumerateDirectories(Golden).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    [Fact]
    public void All_cases_are_here() => Assert.Equal(24, Cases.Count());

    [Theory]
    [MemberData(nameof(Cases))]
    public void Reads_as_DVC_does(string name)
    {
        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(Golden, name, "expected.json")))!.AsObject();
        var reading = DvcReading.Of(Path.Combine(Golden, name, "in"), new ComponentCatalog());
        if (expected["resolve_error"] is { } resolveError)
        {
            var first = reading.Findings.All[0];
            Assert.Equal(resolveError["type"]!.GetValue<string>(), first.Type);
            Assert.Equal(Colour().Replace(resolveError["msg"]!.GetValue<string>(), ""), first.Message);
            return;
        }

        var resolved = new JsonObject(reading.Stages.Select(s => KeyValuePair.Create(s.Name, Json(s.Data))));
        Same(expected["resolved"]!["stages"]!, resolved);
        Same(expected["stage_names"]!, new JsonArray([.. reading.Stages.Select(s => (JsonNode)s.Name)]));
        Same(
            expected["tracked_vars"]!,
            new JsonObject(
                reading.Stages.Select(s =>
                    KeyValuePair.Create(
                        s.Name,
                        (JsonNode?)
                            new JsonObject(
                                s.Tracked.ByFile.Select(f =>
                                    KeyValuePair.Create(
                                        f.Key,
                                        (JsonNode?)new JsonObject(f.Value.Select(v => KeyValuePair.Create(v.Key, Json(v.Value))))
                                    )
                                )
                            )
                    )
                )
            )
        );

        var error = expected["repro_error"];
        if (error is null || AtRunTime.Contains(error["type"]!.GetValue<string>()))
        {
            Assert.Empty(reading.Findings.All);
            Assert.NotNull(reading.Document);
            return;
        }

        var finding = reading.Findings.All.First(f => f.Type == error["type"]!.GetValue<string>());
        if (error["cause"] is JsonArray cause)
        {
            Assert.Contains(cause[1]!.GetValue<string>(), finding.Message, StringComparison.Ordinal);
        }
        else
        {
            // DVC lists the stages of a cycle in the order of a set.
            Assert.Equal(Words(error["msg"]!.GetValue<string>()), Words(finding.Message));
        }
    }

    private static List<string> Words(string message) => [.. message.Split(' ', ',', '.', '\n').Order(StringComparer.Ordinal)];

    private static JsonNode? Json(DataNode node) => JsonNode.Parse(PythonJson.ToElement(node).GetRawText());

    private static void Same(JsonNode expected, JsonNode actual)
    {
        // Order counts for stages: it is the order in which DVC finds them.
        var options = new JsonSerializerOptions { WriteIndented = true };
        Assert.True(
            JsonNode.DeepEquals(expected, actual),
            $"expected {expected.ToJsonString(options)}, but got {actual.ToJsonString(options)}"
        );
    }

    [GeneratedRegex(@"\x1B\[[0-9;]*m", RegexOptions.CultureInvariant)]
    private static partial Regex Colour();
}
