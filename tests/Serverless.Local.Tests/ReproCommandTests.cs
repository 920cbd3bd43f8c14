using System.Text.Json.Nodes;
using Serverless.Testing;

namespace Serverless.Local.Tests;

/// <summary>`mlops repro` as a person starts it: exit codes, stops and kills.</summary>
public sealed class ReproCommandTests : IDisposable
{
    private const string Slow = "stages: {s: {cmd: 'echo $$ > pid; [ -e fast ] || sleep 60; cp in o', deps: [in], outs: [o]}}";
    private readonly TestFolder folder = new();

    public ReproCommandTests()
    {
        folder.Write(".dvc/config", "[core]\n    no_scm = true\n");
        folder.Write("in", "1");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Says_what_it_does_and_why()
    {
        folder.Write("dvc.yaml", "stages: {a: {cmd: cp in o, deps: [in], outs: [o]}, b: {cmd: exit 3, deps: [o]}}");
        var ended = await RunAsync("repro", "a");
        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("Stage 'a': it has not run before", ended.Output, StringComparison.Ordinal);
        Assert.Contains("> cp in o", ended.Output, StringComparison.Ordinal);
        Assert.EndsWith("Data and pipelines are up to date.\n", (await RunAsync("repro", "a")).Output, StringComparison.Ordinal);

        ended = await RunAsync("repro", "--json");
        Assert.Equal(255, ended.ExitCode);
        Assert.Equal(["unchanged", "failed"], JsonNode.Parse(ended.Output)!.AsArray().Select(s => s!["end"]!.GetValue<string>()));
        Assert.Contains("failed to reproduce 'b': failed to run: exit 3, exited with 3", ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("repro", "--nosuch")).ExitCode);
    }

    [Fact]
    public async Task After_a_kill_the_next_one_ends_what_was_left_and_goes_on()
    {
        folder.Write("dvc.yaml", Slow);
        await using (var killed = Start("repro"))
        {
            await StartedAsync();
            await killed.KillAsync();
        }

        var left = File.ReadAllText(folder.At("pid")).Trim();
        Assert.True(Directory.Exists("/proc/" + left));
        folder.Write("fast", "");
        Assert.Equal(0, (await RunAsync("repro")).ExitCode);
        await GoneAsync(left);
        Assert.Equal("1", File.ReadAllText(folder.At("o")));
        Assert.EndsWith("Data and pipelines are up to date.\n", (await RunAsync("repro")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_commands_and_a_second_repro_waits_for_no_one()
    {
        folder.Write("dvc.yaml", Slow);
        await using var running = Start("repro");
        await StartedAsync();
        Assert.Contains("Another `mlops repro` is running in this repository.", (await RunAsync("repro")).Error, StringComparison.Ordinal);
        running.Signal(MlopsProcess.Interrupt);
        Assert.NotEqual(0, (await running.WaitAsync()).ExitCode);
        await GoneAsync(File.ReadAllText(folder.At("pid")).Trim());
        Assert.False(File.Exists(folder.At("dvc.lock")));
    }

    /// <summary>What was killed stays in the table of processes until its new parent has looked at it.</summary>
    private static Task GoneAsync(string id) =>
        Eventually.HoldsAsync(
            () =>
            {
                try
                {
                    return File.ReadAllText($"/proc/{id}/stat").Split(") ")[^1].StartsWith('Z');
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    return true;
                }
            },
            () => $"the process {id} has ended"
        );

    private MlopsProcess Start(params string[] arguments) =>
        MlopsProcess.Start(folder.Root, new Dictionary<string, string?> { ["SHELL"] = "/bin/sh" }, arguments);

    private async Task<Ended> RunAsync(params string[] arguments)
    {
        await using var process = Start(arguments);
        return await process.WaitAsync();
    }

    private Task StartedAsync() =>
        Eventually.HoldsAsync(
            () => File.Exists(folder.At("pid")) && new FileInfo(folder.At("pid")).Length > 1,
            () => "the command has started"
        );
}
