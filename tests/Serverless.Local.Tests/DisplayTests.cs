using System.Text.Json;
using Serverless.Local.Display;
using Serverless.Testing;

namespace Serverless.Local.Tests;

public sealed class DisplayTests(AzuriteFixture azurite) : HostTest(azurite)
{
    [Fact]
    public async Task In_a_terminal_there_is_a_row_a_task_and_a_bar()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "no `script` to make a terminal");
        Folder.Write("p/dvc.yaml", TestPipeline.Diamond);
        Settings["TERM"] = "xterm-256color";

        var ended = await StartShell("script -qec \"stty cols 100 rows 40; $MLOPS run p\" /dev/null").WaitAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.All(TestPipeline.Names, name => Assert.Contains(name, ended.Output));
        Assert.Contains("✓", ended.Output);
        Assert.Contains("━", ended.Output);
        Assert.Contains("5/5", ended.Output);
        Assert.Contains("FINISHED", ended.Output);
    }

    [Theory]
    [InlineData(52, "name auc winner")]
    [InlineData(70, "name auc test_auc winner")]
    [InlineData(1000, "name accuracy auc test_accuracy test_auc winner")]
    public void The_candidates_have_as_many_columns_as_fit_and_the_deciding_ones_first(int width, string columns)
    {
        var row = JsonDocument
            .Parse(
                """
                {"name": "a-candidate-of-a-long-name", "accuracy": 0.8, "auc": 0.85, "test_accuracy": 0.81, "test_auc": 0.86,
                 "winner": true}
                """
            )
            .RootElement;
        var all = row.EnumerateObject().Select(p => p.Name).ToList();

        Assert.Equal(columns, string.Join(' ', CandidateTable.Choose([row], all, "auc", width)));
    }
}
