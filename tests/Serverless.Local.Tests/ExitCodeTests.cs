using Serverless.Testing;

namespace Serverless.Local.Tests;

public sealed class ExitCodeTests(AzuriteFixture azurite) : HostTest(azurite)
{
    [Theory]
    [InlineData("bogus", "Unrecognized command or argument 'bogus'", "`mlops --help`")]
    [InlineData("run p --bogus", "'--bogus'", "`mlops run --help`")]
    [InlineData("run --bogus", "Unknown option '--bogus'", "`mlops run --help`")]
    [InlineData("run p --jobs many", "'many'", "expected a whole number")]
    [InlineData("run p --jobs 0", "--jobs must be between 1 and", "`mlops run --help`")]
    [InlineData("up --port 70000", "--port must be between 0 and 65535", "`mlops up --help`")]
    [InlineData("runs --count 0", "--count must be between 1 and", "`mlops runs --help`")]
    [InlineData("logs", "'id' missing", "`mlops logs --help`")]
    [InlineData("runs show", "'id' missing", "`mlops runs show --help`")]
    [InlineData("run nowhere", "There is no pipeline file at 'nowhere'", "dvc.yaml")]
    [InlineData("logs ffff", "Run ffff does not exist", "List the runs with `mlops runs`")]
    [InlineData("models nobody", "Model 'nobody' does not exist", "List the models with `mlops models`")]
    public async Task A_wrong_command_line_is_2_and_says_what_would_be_right(string arguments, string wrong, string right)
    {
        var ended = await RunAsync(arguments.Split(' '));

        Assert.Equal(2, ended.ExitCode);
        Assert.Equal("", ended.Output);
        Assert.Contains(wrong, ended.Error);
        Assert.Contains(right, ended.Error);
    }

    [Theory]
    [InlineData("stages:\n  a: {cmd: [x\n", "in/p/dvc.yaml:", "YAML file structure is corrupted")]
    [InlineData("stages:\n  a:\n    cmdd: x\n", "in/p/dvc.yaml:3: ", "Did you mean 'cmd'?")]
    [InlineData(
        "stages:\n  a: {cmd: x, deps: [b], outs: [a]}\n" + "  b: {cmd: x, deps: [a], outs: [b]}\n",
        "in/p/dvc.yaml:2: ",
        "a → b → a"
    )]
    [InlineData("stages:\n  a: {cmd: x, deps: [nope.txt]}\n", "in/p/dvc.yaml:2: ", "dependency 'nope.txt' does not exist")]
    [InlineData("stages:\n  a: {uses: train/fast-tre}\n", "in/p/dvc.yaml:2: ", "train/fast-tree")]
    public async Task A_wrong_pipeline_file_is_2_with_its_place_as_one_would_type_it(string yaml, string place, string text)
    {
        Folder.Write("in/p/dvc.yaml", yaml);

        var ended = await RunAsync("run", "in/p");

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains(place, ended.Error);
        Assert.Contains(text, ended.Error);
        Assert.False(Directory.Exists(Folder.At(".mlops")));
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_at_once()
    {
        Folder.Write("p/dvc.yaml", "stages:\n  a: {cmd: x, deps: [one.txt]}\n  b: {cmd: x, deps: [two.txt]}\n");

        var ended = await RunAsync("run", "p/dvc.yaml");

        Assert.Contains("2 errors", ended.Error);
        Assert.Contains("p/dvc.yaml:2: ", ended.Error);
        Assert.Contains("p/dvc.yaml:3: ", ended.Error);
    }

    [Fact]
    public async Task A_run_that_fails_is_1_with_the_reason_and_where_to_look()
    {
        Folder.Write("p/dvc.yaml", "stages:\n  bad: {cmd: 'echo the disk is upside down >&2; exit 7'}\n  good: {cmd: 'true'}\n");

        var ended = await RunAsync("run", "p");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("exited with 7", ended.Output);
        Assert.Contains("the disk is upside down", ended.Output);
        Assert.Contains("FAILED", ended.Output);
        Assert.Contains("Next: mlops logs", ended.Output);
    }
}
