using System.Text.Json;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Jobs;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Functions.Tests.Jobs;

/// <summary>The launcher as a process of its own, as a container runs it.</summary>
public sealed class LauncherTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly TestFolder folder = new();
    private Store store = null!;
    private RunStore runs = null!;

    public async ValueTask InitializeAsync()
    {
        store = await azurite.OpenStoreAsync();
        runs = new RunStore(store, TimeProvider.System);
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task It_records_the_result_once_and_answers_it_again()
    {
        var order = await OrderAsync($"echo x >> {folder.At("count")}; echo done > out.txt", "out.txt");

        var first = await LaunchAsync(order);
        var again = await LaunchAsync(order);

        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.Contains("(recorded before)", again.Output);
        Assert.Equal(0, again.ExitCode);
        Assert.Single(await File.ReadAllLinesAsync(folder.At("count")));
        Assert.Equal(TaskState.Succeeded, (await RecordAsync()).State);
    }

    [Fact]
    public async Task A_failure_is_recorded_with_its_exit_code()
    {
        var ended = await LaunchAsync(await OrderAsync("echo no >&2; exit 7"));

        Assert.Equal(1, ended.ExitCode);
        var record = await RecordAsync();
        Assert.Equal((TaskState.Failed, 7), (record.State, record.Result.ExitCode));
        Assert.Contains("no", record.Result.Error!.Message);
    }

    [Fact]
    public async Task Killed_in_the_middle_it_leaves_no_result_and_the_next_one_goes_on()
    {
        // The first one waits for ever; the next one finds the mark of the first, and ends.
        var order = await OrderAsync(
            $"if [ -e {folder.At("mark")} ]; then echo done > out.txt; else touch {folder.At("mark")}; sleep 60; fi",
            "out.txt"
        );
        await using (var first = Start(order))
        {
            await Eventually.HoldsAsync(() => File.Exists(folder.At("mark")), () => first.Error);
            Assert.Equal(TaskState.Running, (await RecordAsync()).State);
            await first.KillAsync();
        }

        Assert.Equal(TaskState.Running, (await RecordAsync()).State);
        var next = await LaunchAsync(order);

        Assert.True(next.ExitCode == 0, next.ToString());
        var record = await RecordAsync();
        Assert.Equal((TaskState.Succeeded, 2), (record.State, record.Starts));
        Assert.Equal(
            "done\n",
            System.Text.Encoding.UTF8.GetString(await store.Content.ReadAsync(record.Result.Artifacts["out.txt"].Digest))
        );
    }

    [Fact]
    public async Task Told_to_end_it_ends_its_command_and_records_nothing()
    {
        var order = await OrderAsync($"touch {folder.At("mark")}; sleep 60");
        await using var process = Start(order);
        await Eventually.HoldsAsync(() => File.Exists(folder.At("mark")), () => process.Error);

        process.Signal(MlopsProcess.Terminate);
        var ended = await process.WaitAsync();

        Assert.NotEqual(0, ended.ExitCode);
        Assert.Equal(TaskState.Running, (await RecordAsync()).State);
    }

    [Fact]
    public async Task A_second_launcher_waits_for_the_first_and_answers_with_its_result()
    {
        var order = await OrderAsync(
            $"echo x >> {folder.At("count")}; touch {folder.At("mark")}; while [ ! -e {folder.At("go")} ]; do sleep 0.05; done"
        );
        await using var first = Start(order);
        await Eventually.HoldsAsync(() => File.Exists(folder.At("mark")), () => first.Error);
        await using var second = Start(order);
        await second.SaysAsync("Waiting for it to end");

        folder.Write("go", "");

        Assert.Equal((0, 0), ((await first.WaitAsync()).ExitCode, (await second.WaitAsync()).ExitCode));
        Assert.Single(await File.ReadAllLinesAsync(folder.At("count")));
    }

    [Fact]
    public async Task An_order_that_is_not_there_is_told()
    {
        var ended = await LaunchAsync("00000000000000000000000000000000");

        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains("is missing from the store", ended.Error);
    }

    private async Task<string> OrderAsync(string command, string? output = null)
    {
        var call = new TaskCall
        {
            RunId = "run1",
            ExperimentId = "1",
            Pipeline = "p",
            Path = "train",
            Attempt = 1,
            Component = new ComponentSpec.Command([command]),
            Outputs = output is null ? [] : [new ArtifactOutput { Path = output }],
            AlwaysChanged = true,
        };
        return (
            await store.Content.PutBytesAsync(
                JsonSerializer.SerializeToUtf8Bytes(new JobOrder(store.Workspace, 1, call), StorageJson.Options)
            )
        ).Digest;
    }

    private async Task<TaskRecord> RecordAsync() =>
        (await runs.Table.GetAsync(runs.Keys.Experiment("1"), RunKeys.Task("run1", "train", 1)))!.Read<TaskRecord>();

    private MlopsProcess Start(string order) =>
        MlopsProcess.Start(
            folder.Root,
            new Dictionary<string, string?> { ["AzureWebJobsStorage"] = azurite.ConnectionString, ["MLOPS_WORKSPACE"] = store.Workspace },
            ["task", "exec", order]
        );

    private async Task<Ended> LaunchAsync(string order)
    {
        await using var process = Start(order);
        return await process.WaitAsync();
    }
}
