using System.Text.Json.Nodes;
using Serverless.Core;

namespace Serverless.Dvc.Tests.Repro;

/// <summary>DVC's own answers to whole projects, run for real: stages, lock, run cache, objects, .gitignore, errors.</summary>
public sealed class ReproConformanceTests
{
    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "golden", "dvc", "cases");

    public static TheoryData<string> Cases =>
        [
            .. Directory
                .EnumerateDirectories(Golden)
                .Where(d => Expected(d)["run_cache"] is not null)
                .Select(d => Path.GetFileName(d)!)
                .Order(StringComparer.Ordinal),
        ];

    [Fact]
    public void Cases_that_run_are_here() => Assert.Equal(13, Cases.Count());

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Does_as_DVC_does(string name)
    {
        var expected = Expected(Path.Combine(Golden, name));
        using var folder = ReproFolder.Of(Path.Combine(Golden, name, "in"));
        if (expected["repro_error"] is { } error)
        {
            await FailsAsync(folder, error.AsObject());
            await FailsAsync(folder, error.AsObject());
        }
        else
        {
            Assert.Equal(Texts(expected["reproduced"]), await folder.ReproducedAsync());
            Assert.Equal(Texts(expected["second_repro"]), await folder.ReproducedAsync());
        }

        var locked = Path.Combine(Golden, name, "expected.dvc.lock");
        Assert.Equal(File.Exists(locked) ? File.ReadAllText(locked) : null, folder.Has("dvc.lock") ? folder.Read("dvc.lock") : null);
        Assert.Equal(Texts(expected["run_cache"]), folder.Files(".dvc/cache/runs").Select(f => "runs/" + f));
        foreach (var (path, content) in expected["cache_objects"]!.AsObject())
        {
            var file = folder.At(".dvc/cache/" + path);
            Assert.Equal(
                content!.GetValueKind() == System.Text.Json.JsonValueKind.String ? content.GetValue<string>() : null,
                path.EndsWith(".dir", StringComparison.Ordinal) ? File.ReadAllText(file) : null
            );
            Assert.True(path.EndsWith(".dir", StringComparison.Ordinal) || new FileInfo(file).Length == content.GetValue<long>());
        }

        Assert.Equal(expected["cache_objects"]!.AsObject().Count, folder.Files(".dvc/cache/files").Count);
        Assert.Equal(
            expected["gitignore"]!.AsObject().Select(g => (g.Key, g.Value!.GetValue<string>())).Order(),
            folder
                .Files(".")
                .Where(f => Path.GetFileName(f) == ".gitignore" && !f.StartsWith(".dvc", StringComparison.Ordinal))
                .Select(f => (f, folder.Read(f)))
                .Order()
        );
    }

    private static async Task FailsAsync(ReproFolder folder, JsonObject error)
    {
        string message;
        try
        {
            message = (await folder.ReproAsync()).Error!.Message;
        }
        catch (ServerlessException e)
        {
            message = e.Message + string.Concat(e.Diagnostics.Select(d => d.Message));
        }

        var words = (error["cause"] is JsonArray cause ? cause[1]! : error["msg"]!)
            .GetValue<string>()
            .Replace("<WORKSPACE>", folder.Root, StringComparison.Ordinal);
        Assert.Contains(words.Replace("stages: b, a", "stages: a, b", StringComparison.Ordinal), message, StringComparison.Ordinal);
    }

    private static JsonObject Expected(string folder) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!.AsObject();

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(n => n!.GetValue<string>());
}
