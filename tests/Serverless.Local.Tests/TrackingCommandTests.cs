using Serverless.Core;
using Serverless.Testing;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Tests;

/// <summary>The commands of runs, models and workspaces, on a pipeline's run and a client's.</summary>
public sealed class TrackingCommandTests(AzuriteFixture azurite) : HostTest(azurite)
{
    [Fact]
    public async Task Runs_are_compared_deleted_collected_and_brought_back()
    {
        Folder.Write(
            "p/dvc.yaml",
            """
            stages:
              train: {cmd: "echo '{\"loss\": 0.5}' > m.json", metrics: [m.json]}
            """
        );
        Assert.Equal(0, (await RunAsync("run", "p")).ExitCode);
        var pipeline = await EndOfRunAsync();
        var runs = new RunStore(await OpenStoreAsync(), TimeProvider.System);
        var client = await runs.CreateAsync(
            new Run
            {
                Id = Ids.NewId(),
                ExperimentId = pipeline.ExperimentId,
                Name = "mine",
                Status = RunStatus.Finished,
                StartTime = TimeProvider.System.GetUtcNow(),
                Params = new Dictionary<string, string> { ["lr"] = "0.1" },
            }
        );
        await runs.LogAsync(
            client.ExperimentId,
            client.Id,
            r => r.WithMetrics([new("train.loss", 0.7, 1, 0), new("train.loss", 0.6, 2, 1)])
        );

        var compared = await RunAsync("runs", "compare", pipeline.Id[..10], client.Id[..10], "--html", "c.html");
        Assert.True(compared.ExitCode == 0, compared.ToString());
        Assert.Matches(@"≠ lr +- +0\.1", compared.Output);
        Assert.Matches(@"≠ train\.loss +0\.5 +0\.6", compared.Output);
        Assert.Contains("<figcaption>train.loss</figcaption>", await File.ReadAllTextAsync(Folder.At("c.html")));
        Assert.Equal(2, (await RunAsync("runs", "compare", pipeline.Id)).ExitCode);

        await runs.SetDeletedAsync(client, true);
        var listed = await RunAsync("runs", "gc", "--older-than", "0s");
        Assert.Matches($"remove +run +{client.Id[..8]} +mine", listed.Output);
        Assert.Contains("This was a dry run", listed.Output);
        Assert.Contains("keep", (await RunAsync("runs", "gc")).Output);
        Assert.Contains("Restored run mine", (await RunAsync("runs", "restore", client.Id)).Output);
        Assert.False((await runs.GetAsync(client.Id)).IsDeleted);
        await runs.SetDeletedAsync(client, true);
        Assert.Contains("1 permanently removed.", (await RunAsync("runs", "gc", "--older-than", "0s", "--apply")).Output);
        Assert.Null(await runs.FindAsync(client.Id));
        Assert.Equal(2, (await RunAsync("runs", "gc", "--older-than", "soon")).ExitCode);
    }

    [Fact]
    public async Task Models_come_back_and_workspaces_are_made()
    {
        var registry = new ModelRegistry(await OpenStoreAsync(), TimeProvider.System);
        await registry.Models.CreateAsync("m", "for the test", new Dictionary<string, string>(), Actor.Anonymous);
        await registry.Versions.CreateAsync(new CreateVersionRequest { Name = "m", Source = "s3://b/m" }, Actor.Anonymous);
        await registry.Versions.DeleteAsync("m", 1, Actor.Anonymous);

        Assert.Matches(@"m +1 +20\d\d", (await RunAsync("models", "trash")).Output);
        Assert.Contains("Restored version 1 of m, in stage None.", (await RunAsync("models", "restore", "m", "1")).Output);
        Assert.Contains("for the test", (await RunAsync("models", "card", "m", "1")).Output);
        Assert.Contains("not stored on this server", (await RunAsync("models", "download", "m", "1", "out")).Error);
        var name = "w" + Ids.NewId()[..12];
        Assert.Contains($"/w/{name}", (await RunAsync("workspaces", "create", name)).Output);
        Assert.Contains(name, (await RunAsync("workspaces")).Output);
        Assert.Equal(2, (await RunAsync("workspaces", "create", "No Name")).ExitCode);
    }
}
