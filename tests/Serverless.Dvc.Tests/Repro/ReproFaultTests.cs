using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Dvc.Repro;
using Serverless.Testing;

namespace Serverless.Dvc.Tests.Repro;

/// <summary>What goes wrong in the middle leaves what was finished, and says what and why.</summary>
public sealed class ReproFaultTests
{
    private const string Fan = """
        stages:
          good: {cmd: echo 1 > good, outs: [good]}
          bad: {cmd: exit 3, outs: [bad]}
          after: {cmd: cat bad > after, deps: [bad], outs: [after]}
          last: {cmd: cat good > last, deps: [good], outs: [last]}
        """;

    [Fact]
    public async Task A_failed_stage_stops_what_follows_and_keeps_what_ended()
    {
        using var folder = new ReproFolder(Fan);
        var result = await folder.ReproAsync(new ReproOptions { Jobs = 1 });
        Assert.Equal("failed to reproduce 'bad': failed to run: exit 3, exited with 3", result.Error!.Message);
        Assert.Equal([StageEnd.Ran, StageEnd.Failed, StageEnd.Skipped, StageEnd.Skipped], result.Stages.Select(s => s.End));
        Assert.Equal(["good"], ((DataMap)folder.Lock["stages"]!).TextKeys);
    }

    [Fact]
    public async Task Keep_going_skips_only_what_depends_on_the_failed_stage()
    {
        using var folder = new ReproFolder(Fan);
        var result = await folder.ReproAsync(new ReproOptions { OnError = OnError.KeepGoing });
        Assert.NotNull(result.Error);
        Assert.Equal([StageEnd.Ran, StageEnd.Failed, StageEnd.Skipped, StageEnd.Ran], result.Stages.Select(s => s.End));
        Assert.Equal(["after"], folder.Events.OfType<ReproEvent.Skipping>().Single().Others);

        result = await folder.ReproAsync(new ReproOptions { OnError = OnError.Ignore });
        Assert.Null(result.Error);
        Assert.Equal(["bad", "after"], result.Stages.Where(s => s.End == StageEnd.Failed).Select(s => s.Stage));
    }

    [Fact]
    public async Task While_one_fails_others_come_to_their_end()
    {
        using var folder = new ReproFolder(
            """
            stages:
              bad: {cmd: 'while [ ! -e started ]; do sleep 0.01; done; exit 1', outs: [bad]}
              slow: {cmd: 'touch started; sleep 0.3; echo 1 > slow', outs: [slow]}
            """
        );
        var result = await folder.ReproAsync(new ReproOptions { Jobs = 2 });
        Assert.NotNull(result.Error);
        Assert.Equal(["slow"], ((DataMap)folder.Lock["stages"]!).TextKeys);
    }

    [Theory]
    [InlineData("{cmd: 'true', deps: [no], outs: [o]}", "dependency 'no' does not exist")]
    [InlineData("{cmd: 'true', outs: [o]}", "output 'o' does not exist")]
    [InlineData("{cmd: 'echo > o', params: [no], outs: [o]}", "Parameters 'no' are missing from 'params.yaml'.")]
    [InlineData("{cmd: 'echo > o', params: [no.yaml: [x]], outs: [o]}", "dependency 'no.yaml' does not exist")]
    [InlineData("{cmd: 'echo > o', wdir: no, outs: [o]}", "the working directory 'no' does not exist")]
    [InlineData("{cmd: 'nosuchprogram', outs: [o]}", "failed to run: nosuchprogram, exited with 127")]
    public async Task What_is_missing_is_named(string stage, string expected)
    {
        using var folder = new ReproFolder($"stages:\n  s: {stage}\n").Write("params.yaml", "a: 1\n");
        Assert.Contains(expected, (await folder.ReproAsync()).Error!.Message, StringComparison.Ordinal);
        Assert.False(folder.Has("dvc.lock"));
    }

    [Theory]
    [InlineData("{cmd: 'true', deps: [no], outs: [o]}", "dependency 'no' does not exist")]
    [InlineData("{cmd: 'echo > o', params: [no], outs: [o]}", "Parameters 'no' are missing from 'params.yaml'.")]
    [InlineData("{cmd: 'echo > o', wdir: no, outs: [o]}", "the working directory 'no' does not exist")]
    public async Task A_dry_run_fails_where_the_run_would(string stage, string expected)
    {
        using var folder = new ReproFolder($"stages:\n  s: {stage}\n").Write("params.yaml", "a: 1\n");
        Assert.Contains(expected, (await folder.ReproAsync(new ReproOptions { Dry = true })).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_passes_what_an_earlier_stage_would_make_and_names_what_none_makes()
    {
        const string First = "stages:\n  a: {cmd: mkdir d, outs: [d]}\n";
        using var folder = new ReproFolder(First + "  b: {cmd: cat d/x > o, deps: [d/x], outs: [o]}\n");
        Assert.Null((await folder.ReproAsync(new ReproOptions { Dry = true })).Error);

        folder.Write("dvc.yaml", First + "  b: {cmd: cat d/x no > o, deps: [d/x, no], outs: [o]}\n");
        var result = await folder.ReproAsync(new ReproOptions { Dry = true });

        Assert.Contains("dependency 'no' does not exist", result.Error!.Message, StringComparison.Ordinal);
        Assert.False(folder.Has("d"));
    }

    [Fact]
    public async Task An_output_that_Git_keeps_is_refused()
    {
        using var folder = new ReproFolder("stages: {s: {cmd: echo 1 > o, outs: [o]}}").Write("o", "old");
        folder.Commit("o");
        Assert.Contains("output 'o' is already tracked by SCM", (await folder.ReproAsync()).Error!.Message, StringComparison.Ordinal);
        Assert.False(folder.Has("dvc.lock"));
    }

    [Fact]
    public async Task Conflict_markers_in_the_lock_are_named()
    {
        using var folder = new ReproFolder("stages: {s: {cmd: 'true'}}").Write(
            "dvc.lock",
            "<<<<<<< HEAD\nschema: '2.0'\n=======\nschema: '2.0'\n>>>>>>> other\n"
        );
        var error = await Assert.ThrowsAsync<ServerlessException>(() => folder.ReproAsync());
        Assert.Contains("git merge conflict markers", error.Diagnostics.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_ends_the_commands()
    {
        using var folder = new ReproFolder("stages: {s: {cmd: 'echo $$ > pid; sleep 60; echo 1 > o', outs: [o]}}");
        using var stop = new CancellationTokenSource();
        var running = folder.ReproAsync(cancellationToken: stop.Token);
        await Eventually.HoldsAsync(() => folder.Has("pid") && folder.Read("pid").Length > 1, () => "the command has started");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.False(Directory.Exists($"/proc/{folder.Read("pid").Trim()}"));
        Assert.False(folder.Has("dvc.lock"));
    }

    [Fact]
    public async Task A_corrupt_run_cache_entry_is_no_entry()
    {
        using var folder = new ReproFolder("stages: {s: {cmd: cp in out, deps: [in], outs: [out]}}").Write("in", "1");
        await folder.ReproAsync();
        var entry = folder.At(".dvc/cache/runs/" + folder.Files(".dvc/cache/runs").Single());
        File.WriteAllText(entry, "cmd: [");
        File.Delete(folder.At("dvc.lock"));
        Assert.Equal(["s"], await folder.ReproducedAsync());
        Assert.Equal(["s"], folder.Ran);
        Assert.Single(folder.Files(".dvc/cache/runs"));
    }
}
