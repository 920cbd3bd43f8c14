using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Orchestration;
using Serverless.Pipelines.Tests.Engine;
using Serverless.Storage.Content;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Dvc.Tests.Reading;

/// <summary>What DVC's own runs of the 24 pipelines left: which stages ran, what they wrote, how they failed.</summary>
public sealed class RunTests(AzuriteFixture azurite) : EngineTest(azurite)
{
    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "golden", "dvc", "cases");

    public static TheoryData<string> Cases =>
        [.. Directory.EnumerateDirectories(Golden).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Runs_as_DVC_does(string name)
    {
        var expected = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Golden, name, "expected.json")))!.AsObject();
        var folder = Folder.At(name);
        Copy(Path.Combine(Golden, name, "in"), folder);
        var error = expected["repro_error"];
        if (expected["resolve_error"] is not null || error is not null && error["type"]!.GetValue<string>() != "ReproductionError")
        {
            // Nothing runs: the reader tells, as it is held to elsewhere.
            Assert.NotEmpty(Assert.Throws<ServerlessException>(() => DvcYaml.Read(folder, Catalog)).Diagnostics);
            return;
        }

        var first = await RunFolderAsync(folder);
        var second = await RunFolderAsync(folder);

        Assert.Equal(first.Tasks.Values.Any(t => t.State == TaskState.Failed) ? RunStatus.Failed : RunStatus.Finished, first.Run.Status);
        if (error is not null)
        {
            CheckFailure(error, first);
            CheckFailure(error, second);
        }
        else if (expected["reproduced"] is JsonArray reproduced)
        {
            Assert.Equal(RunStatus.Finished, first.Run.Status);
            Assert.Equal(Names(reproduced), first.Tasks.Keys.Order(StringComparer.Ordinal));
            Assert.All(first.Tasks.Values, t => Assert.False(t.Result.IsCacheHit));
            Assert.Equal(
                Names(expected["second_repro"]!.AsArray()),
                second.Tasks.Values.Where(t => !t.Result.IsCacheHit).Select(t => t.Path).Order(StringComparer.Ordinal)
            );
        }

        var lockFile = Path.Combine(Golden, name, "expected.dvc.lock");
        if (File.Exists(lockFile))
        {
            var stages = PythonJson.ToElement(ParamsFile.Read(lockFile, "dvc.lock")).GetProperty("stages");
            foreach (var stage in stages.EnumerateObject())
            {
                var wdir = expected["resolved"]!["stages"]![stage.Name]!["wdir"]?.GetValue<string>();
                await CheckAsync(stage.Value, wdir, first.Run, first.Tasks[stage.Name].Result);
                await CheckAsync(stage.Value, wdir, second.Run, second.Tasks[stage.Name].Result);
            }
        }
    }

    private async Task<Outcome> RunFolderAsync(string folder) => await DriveAsync(await Engine.SubmitAsync(DvcYaml.Read(folder, Catalog)));

    /// <summary>DVC names the stage that failed and the cause; the stages after it do not run.</summary>
    private static void CheckFailure(JsonNode error, Outcome outcome)
    {
        var stage = error["msg"]!.GetValue<string>().Split('\'')[1];
        Assert.Equal(RunStatus.Failed, outcome.Run.Status);
        var failed = Assert.Single(outcome.Tasks.Values, t => t.State == TaskState.Failed);
        Assert.Equal(stage, failed.Path);
        Assert.Equal(
            error["cause"]![1]!.GetValue<string>().Replace("<WORKSPACE>/", "", StringComparison.Ordinal),
            failed.Result.Error!.Message.Split('\n')[0]
        );
        Assert.All(outcome.Tasks.Values.Where(t => t.Path != stage), t => Assert.True(t.State is TaskState.Succeeded or TaskState.Skipped));
    }

    private async Task CheckAsync(JsonElement locked, string? wdir, Run run, TaskResult result)
    {
        var outs = locked.GetProperty("outs").EnumerateArray().ToDictionary(o => PathOf(o, wdir), Content);
        Assert.Equal(outs.OrderBy(o => o.Key, StringComparer.Ordinal), result.Artifacts.OrderBy(a => a.Key, StringComparer.Ordinal));
        if (locked.TryGetProperty("deps", out var deps))
        {
            var sources = (await Engine.GetDefinitionAsync(run)).Sources;
            Assert.All(deps.EnumerateArray(), d => Assert.Equal(Content(d), sources[PathOf(d, wdir)]));
        }
    }

    private static string PathOf(JsonElement entry, string? wdir) =>
        (wdir is null ? "" : wdir + "/") + entry.GetProperty("path").GetString();

    private static ContentRef Content(JsonElement entry) =>
        new(
            entry.GetProperty("md5").GetString()!,
            entry.GetProperty("size").GetInt64(),
            entry.TryGetProperty("nfiles", out var files) ? files.GetInt32() : null,
            entry.TryGetProperty("isexec", out var executable) && executable.GetBoolean()
        );

    private static IEnumerable<string> Names(JsonArray names) => names.Select(n => n!.GetValue<string>()).Order(StringComparer.Ordinal);

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
    }
}
