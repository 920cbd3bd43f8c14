using System.Text.Json.Nodes;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Data.Tests.Remotes;

/// <summary>
/// Both ways from a version of a dataset, over HTTP and on the command line: the run that made it, the runs and models that used it.
/// </summary>
public sealed class LineageTests(RemoteFixture fixture) : IDisposable
{
    private readonly string workspace = RemoteFixture.NewName();
    private readonly TestFolder folder = new();
    private readonly HttpClient http = new();

    public void Dispose()
    {
        http.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_run_leaves_what_it_used_and_what_it_made_and_its_models_are_found_from_the_data()
    {
        folder.Write("raw/a.txt", "1");
        folder.Write(
            "dvc.yaml",
            "stages:\n  prep:\n    cmd: mkdir clean && cp raw/a.txt clean/b.txt\n    deps: [raw]\n    outs: [clean]\n"
        );
        folder.Write("clean/b.txt", "1");
        await MlopsAsync("run", ".");
        await MlopsAsync("data", "commit", "raw", "raw");
        await MlopsAsync("data", "commit", "clean", "clean");
        var used = await GetAsync("datasets/raw/versions/1/lineage");
        var run = (string)used["used_by"]![0]!["run_id"]!;
        await fixture
            .Workspaces.Get(workspace)
            .Models.RegisterAsync(
                new RegisterRequest
                {
                    Name = "m",
                    ModelDirectory = folder.At("clean"),
                    RunId = run,
                    RequestId = "1",
                }
            );
        // A second run does nothing anew: it used the data, and made nothing.
        await MlopsAsync("run", ".");

        used = await GetAsync("datasets/raw/versions/main/lineage");
        Assert.Equal(["prep raw", "prep raw"], used["used_by"]!.AsArray().Select(u => $"{u!["task"]} {u["name"]}"));
        Assert.Empty(used["made_by"]!.AsArray());
        Assert.Equal(["m 1"], used["models"]!.AsArray().Select(m => $"{m!["name"]} {m["version"]}"));
        var made = await GetAsync("lineage/" + (string)(await GetAsync("datasets/clean/versions/1"))["version"]!["digest"]!);
        Assert.Equal([run], made["made_by"]!.AsArray().Select(m => (string)m!["run_id"]!));
        Assert.Equal("clean", (string)made["versions"]![0]!["dataset"]!);

        var told = await MlopsAsync("data", "lineage", "raw");
        Assert.Contains($"used by  run {run}  task prep  as raw\n", told, StringComparison.Ordinal);
        Assert.Contains($"used by  model m version 1  None  run {run}\n", told, StringComparison.Ordinal);
        Assert.Contains(
            $"made by  run {run}  task prep  as clean\n",
            await MlopsAsync("data", "lineage", "clean", "1"),
            StringComparison.Ordinal
        );
    }

    private async Task<JsonNode> GetAsync(string path) =>
        JsonNode.Parse(
            await http.GetStringAsync(new Uri($"{fixture.ApiUrl}/w/{workspace}/api/2.0/data/{path}"), TestContext.Current.CancellationToken)
        )!;

    private async Task<string> MlopsAsync(params string[] arguments)
    {
        var settings = new Dictionary<string, string?>
        {
            ["AzureWebJobsStorage"] = fixture.ConnectionString,
            ["MLOPS_WORKSPACE"] = workspace,
        };
        await using var process = MlopsProcess.Start(folder.Root, settings, arguments);
        var ended = await process.WaitAsync();
        Assert.True(ended.ExitCode == 0, ended.ToString());
        return ended.Output;
    }
}
