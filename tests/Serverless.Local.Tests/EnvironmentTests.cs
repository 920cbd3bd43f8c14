using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Local.Tests;

public sealed class EnvironmentTests(AzuriteFixture azurite) : HostTest(azurite)
{
    [Fact]
    public async Task Without_node_it_says_so_and_leaves_nothing_half_written()
    {
        Settings["AzureWebJobsStorage"] = null;
        Settings["PATH"] = Folder.Root;
        Folder.Write("p/dvc.yaml", "stages:\n  a: {cmd: 'true'}\n");

        var ended = await RunAsync("run", "p");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("`node` was not found on PATH.", ended.Error);
        Assert.Contains("https://nodejs.org", ended.Error);
        Assert.Empty(Directory.EnumerateFiles(Folder.At(".mlops", "azurite", "users")));
        Assert.False(Directory.Exists(Folder.At(".mlops", "azurite", "data")));
    }

    [Theory]
    [InlineData("AzureWebJobsStorage", "garbage", "AzureWebJobsStorage is not a valid connection string", 1)]
    [InlineData("AzureWebJobsStorage", "AccountName=x;AccountKey=y", "AzureWebJobsStorage is not a valid connection string", 1)]
    [InlineData(
        "AzureWebJobsStorage",
        "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a",
        "The storage account at 127.0.0.1:1 does not answer",
        1
    )]
    [InlineData("MLOPS_WORKSPACE", "Not A Name", "'Not A Name' is not a valid workspace name", 2)]
    [InlineData("MLOPS_OUTAGE_TOLERANCE", "soon", "MLOPS_OUTAGE_TOLERANCE is 'soon'", 1)]
    public async Task A_wrong_setting_is_named(string name, string value, string message, int exitCode)
    {
        Settings["MLOPS_OUTAGE_TOLERANCE"] = "1";
        Settings[name] = value;

        var ended = await RunAsync("runs");

        Assert.Equal(exitCode, ended.ExitCode);
        Assert.Contains(message, ended.Error);
        Assert.DoesNotContain("   at ", ended.Error);
    }

    [Fact]
    public async Task An_output_that_cannot_be_written_does_not_fail_the_run()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full here");
        Folder.Write("p/dvc.yaml", TestPipeline.Diamond);

        var ended = await StartShell("$MLOPS run p > /dev/full").WaitAsync();

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("Cannot write to standard output", ended.Error);
        Assert.Equal(RunStatus.Finished, (await EndOfRunAsync()).Status);
    }

    [Fact]
    public async Task A_disk_that_is_full_fails_the_task_with_the_way_out()
    {
        Folder.Write("p/big.txt", new string('x', 3_000_000));
        Folder.Write("p/dvc.yaml", "stages:\n  a: {cmd: 'true', deps: [big.txt]}\n");

        Directory.CreateDirectory(Folder.At("disk"));
        const string mount = "mount -t tmpfs -o size=1m none disk";
        Assert.SkipUnless((await StartShell($"unshare -rm {mount}").WaitAsync()).ExitCode == 0, "no small disk can be made here");

        // A disk of 1 MiB, seen by this process only.
        var ended = await StartShell($"exec unshare -rm sh -c '{mount} && cd disk && exec $MLOPS run ../p'").WaitAsync();

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("There is no space left on the disk", ended.Output);
        Assert.Contains("Free some space, then retry the run with `mlops retry`.", ended.Output);
        Assert.Equal(RunStatus.Failed, (await EndOfRunAsync()).Status);
    }

    [Fact]
    public async Task A_folder_that_may_not_be_written_is_named()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Skip("this user may write everywhere");
            return;
        }

        File.SetUnixFileMode(Folder.Root, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var ended = await RunAsync("runs");
        File.SetUnixFileMode(Folder.Root, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("Cannot write to the folder", ended.Error);
    }
}
