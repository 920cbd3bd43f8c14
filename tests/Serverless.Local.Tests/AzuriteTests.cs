using System.Text.Json;
using Serverless.Local.Azurite;
using Serverless.Storage.Tables;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Tests;

/// <summary>The Azurite that hosts start for themselves, in their folder.</summary>
public sealed class AzuriteTests(AzuriteFixture azurite) : HostTest(azurite)
{
    private bool isOnDefaultPorts;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Settings["AzureWebJobsStorage"] = null;
        isOnDefaultPorts = await AzuriteProbe.AnswersAsync(10000, 10002, CancellationToken.None);
    }

    [Fact]
    public async Task Hosts_of_one_folder_share_one_that_ends_with_the_last_of_them()
    {
        SkipWhereOneRuns();
        MlopsProcess[] hosts = [Start("up", "--port", "0"), Start("up", "--port", "0")];
        await Task.WhenAll(hosts.Select(h => h.SaysAsync("is listening on")));
        var id = ProcessId();
        var users = Directory.EnumerateFiles(Folder.At(".mlops", "azurite", "users")).Select(Path.GetFileName).Order().ToList();

        hosts[0].Signal(MlopsProcess.Terminate);
        await hosts[0].WaitAsync();
        var isThere = IsAlive(id);
        hosts[1].Signal(MlopsProcess.Terminate);
        await hosts[1].WaitAsync();

        Assert.Equal(hosts.Select(h => $"{h.Id}").Order(), users);
        Assert.True(isThere);
        Assert.False(IsAlive(id));
    }

    [Fact]
    public async Task It_outlives_a_killed_host_for_the_next_one_and_ends_by_itself_without()
    {
        SkipWhereOneRuns();
        Folder.Write("p/dvc.yaml", TestPipeline.Diamond);
        Settings["BLOCK"] = "join";
        var killed = Start("run", "p");
        await RanAsync("join");
        var id = ProcessId();
        await killed.KillAsync();

        var next = Start("up", "--port", "0");
        await Eventually.HoldsAsync(() => Ran("join") == 2, () => "the run taken over\n" + next.Output + next.Error);
        var second = ProcessId();
        await next.KillAsync();
        await Eventually.HoldsAsync(() => !IsAlive(second), () => $"the end of process {second}");
        OpenGate();
        var ended = await RunAsync("run", "p", "--json");

        Assert.Equal(id, second);
        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(RunStatus.Finished, Parse(ended.Output).Run.Status);
        Assert.Equal((1, 1, 1, 3, 1), (Ran("first"), Ran("left"), Ran("right"), Ran("join"), Ran("last")));
    }

    [Fact]
    public async Task One_that_ends_under_a_host_is_started_again_at_its_address()
    {
        SkipWhereOneRuns();
        Folder.Write("p/dvc.yaml", TestPipeline.Diamond);
        Settings["BLOCK"] = "join";
        var host = Start("run", "p", "--json");
        await RanAsync("join");

        MlopsProcess.Signal(ProcessId(), MlopsProcess.Terminate);
        await host.SaysAsync("Azurite had ended and was restarted.");
        OpenGate();
        var ended = await host.WaitAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.All(TestPipeline.Names, name => Assert.Equal(1, Ran(name)));
    }

    [Fact]
    public async Task Git_passes_over_the_store_of_a_folder()
    {
        await StartShell("git init -q . && $MLOPS runs && echo > seen.txt").WaitAsync();

        var status = await StartShell("git status --porcelain").WaitAsync();

        Assert.True(Directory.Exists(Folder.At(".mlops")));
        Assert.Equal("?? seen.txt\n", status.Output);
    }

    [Fact]
    public async Task One_that_answers_on_the_default_ports_is_used()
    {
        Assert.SkipUnless(isOnDefaultPorts || new AzuritePorts(10000, 10001, 10002).AreFree, "another program has the default ports");
        var options = new AzuriteOptions
        {
            Folder = Folder.At("default"),
            UseDefaultPorts = false,
            InMemory = true,
            Ports = new AzuritePorts(10000, 10001, 10002),
        };
        await using var own = isOnDefaultPorts ? null : await AzuriteServer.StartAsync(options);

        var ended = await RunAsync("runs");

        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("Using the Azurite on the default ports.", ended.Error);
        Assert.False(Directory.Exists(Folder.At(".mlops", "azurite")));
    }

    private void SkipWhereOneRuns() => Assert.SkipWhen(isOnDefaultPorts, "an Azurite answers on the default ports");

    private int ProcessId() =>
        JsonDocument.Parse(File.ReadAllText(Folder.At(".mlops", "azurite", "azurite.json"))).RootElement.GetProperty("pid").GetInt32();

    private static bool IsAlive(int id) => ProcessStart.IsAlive(id);
}
