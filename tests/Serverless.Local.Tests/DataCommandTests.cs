using System.Diagnostics;
using Serverless.Testing;

namespace Serverless.Local.Tests;

/// <summary>Commands of a data repository as a person types them, where their words and exit codes matter; those are DVC's own.</summary>
public sealed class DataCommandTests : IDisposable
{
    private readonly TestFolder folder = new();

    public DataCommandTests() => folder.Write(".dvc/config", "[core]\n    no_scm = true\n");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Commit_records_what_is_there_and_asks_about_what_changed()
    {
        folder.Write("in", "1");
        folder.Write("dvc.yaml", "stages: {a: {cmd: 'cp in o; echo ran >> ran', deps: [in], outs: [o]}}");
        await RunAsync(0, "repro", "-q");
        folder.Write("in", "2");

        var refused = await RunAsync(1, "commit");
        Assert.Contains(
            "dependencies ['in'] of stage: 'a' changed. Are you sure you want to commit it?",
            refused.Error,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "ERROR: failed to commit - unable to commit changed stage: 'a'. Use `-f|--force` to force.",
            refused.Error,
            StringComparison.Ordinal
        );
        await RunAsync(0, "commit", "-f");
        Assert.EndsWith("Data and pipelines are up to date.\n", (await RunAsync(0, "repro")).Output, StringComparison.Ordinal);
        Assert.Equal("ran\n", File.ReadAllText(folder.At("ran")));

        // What `add --no-commit` left to it needs no question.
        folder.Write("data", "x");
        await RunAsync(0, "add", "data", "-q", "--no-commit");
        Assert.Contains("not in cache", (await RunAsync(0, "status", "data.dvc")).Output, StringComparison.Ordinal);
        await RunAsync(0, "commit", "data.dvc");
        Assert.Equal("Data and pipelines are up to date.\n", (await RunAsync(0, "status")).Output);
        File.Delete(folder.At("data"));
        Assert.Contains(
            "failed to commit - output 'data' does not exist",
            (await RunAsync(1, "commit", "-f", "data.dvc")).Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task What_is_nowhere_is_a_warning_of_fetch_and_an_error_of_pull()
    {
        folder.Write("data", "x");
        Assert.Equal("", (await RunAsync(0, "remote", "add", "-q", "-d", "r", folder.At("remote"))).Output);
        await RunAsync(0, "add", "data", "-q");
        Directory.Delete(folder.At(".dvc", "cache"), recursive: true);
        File.Delete(folder.At("data"));

        var fetched = await RunAsync(0, "fetch");
        Assert.Contains("Some of the cache files do not exist neither locally nor on remote", fetched.Error, StringComparison.Ordinal);
        Assert.Contains("Checkout failed for following targets", (await RunAsync(1, "pull")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_with_dependencies_tells_of_the_stages_before_too()
    {
        folder.Write("in", "1");
        folder.Write("dvc.yaml", "stages: {a: {cmd: cp in o, deps: [in], outs: [o]}, b: {cmd: cp o p, deps: [o], outs: [p]}}");
        await RunAsync(0, "repro", "-q");
        folder.Write("in", "2");

        Assert.Equal("Data and pipelines are up to date.\n", (await RunAsync(0, "status", "b")).Output);
        Assert.Contains("modified:           in", (await RunAsync(0, "status", "-d", "b")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repro_stages_the_lock_and_what_git_is_to_ignore_for_whoever_set_autostage()
    {
        Git("init", "-q");
        folder.Write(".dvc/config", "[core]\n    autostage = true\n");
        folder.Write("in", "1");
        folder.Write("dvc.yaml", "stages: {a: {cmd: cp in o, deps: [in], outs: [o]}}");

        await RunAsync(0, "repro", "-q");

        Assert.Equal("A  .gitignore\nA  dvc.lock\n", Git("status", "--short", "--untracked-files=no"));
    }

    private string Git(params string[] arguments)
    {
        using var git = Process.Start(
            new ProcessStartInfo("git", arguments) { WorkingDirectory = folder.Root, RedirectStandardOutput = true }
        )!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return output;
    }

    private async Task<Ended> RunAsync(int exitCode, params string[] arguments)
    {
        await using var process = MlopsProcess.Start(folder.Root, new Dictionary<string, string?> { ["SHELL"] = "/bin/sh" }, arguments);
        var ended = await process.WaitAsync();
        Assert.True(ended.ExitCode == exitCode, ended.ToString());
        return ended;
    }
}
