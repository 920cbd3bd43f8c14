using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Testing;
using Serverless.Tracking.Runs;
using static Serverless.Pipelines.Tests.Contract.Build;

namespace Serverless.Pipelines.Tests.Contract;

public abstract class LoopContract(AzuriteFixture azurite) : PipelineContract(azurite)
{
    [Fact]
    public async Task A_loop_runs_over_a_list_known_only_at_run_time_and_gives_out_lists()
    {
        var run = await RunAsync(
            Build.Step("list").With("value", new[] { new { n = 1 }, new { n = 2 }, new { n = 3 } }),
            Build.Step("each").For(From("list")).With("value", Item("n")),
            Build.Step("all").With("value", From("each"))
        );

        Ended(run, RunStatus.Finished, "all:Succeeded each:Succeeded each[0]:Succeeded each[1]:Succeeded each[2]:Succeeded list:Succeeded");
        Assert.Equal("[1,2,3]", run.Value("all"));
        Assert.Equal("all:1 each[0]:1 each[1]:1 each[2]:1 list:1", World.Calls);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_loop_never_runs_more_items_at_a_time_than_it_may(int limit)
    {
        var body = Body(Build.Step("x").With("value", Item()), Build.Step("y", "x"));
        var run = await RunAsync(Graph("each", body).For(Of(Enumerable.Range(0, 6)), limit));

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.InRange(World.Most, 1, limit);
        Assert.Equal(12, World.CallsByPath().Count);
        if (limit == 1)
        {
            Assert.True(World.IsBefore("each[0]/y", "each[1]/x") && World.IsBefore("each[4]/y", "each[5]/x"));
        }
    }

    [Fact]
    public async Task Loops_in_loops_collect_parameters_as_lists_of_lists_and_artifacts_in_one_list()
    {
        var inner = Body(
                Build.Step("list").With("value", Item("items")),
                Build.Step("make").For(From("list")).With("value", Item()).With("other", Input("group")).Writes("f")
            )
            .Gives("numbers", new OutputRef("make", "value"))
            .Gives("groups", new OutputRef("make", "other"))
            .Gives("files", new OutputRef("make", "f"));
        object[] groups =
        [
            new { name = "a", items = new[] { 1, 2 } },
            new { name = "b", items = Array.Empty<int>() },
            new { name = "c", items = new[] { 3 } },
        ];

        var run = await RunAsync(
            Graph("outer", inner).For(Of(groups)).With("group", Item("name")),
            Build
                .Step("all")
                .With("value", From("outer", "numbers"))
                .With("other", From("outer", "groups"))
                .Reads("in", new ArtifactBinding.TaskOutput("outer", "files"), isList: true),
            Graph("passed", Body(Build.Step("all").Reads("in", new ArtifactBinding.GraphInput("some"), isList: true)))
                .Takes("some", new ArtifactBinding.TaskOutput("outer", "files"), isList: true)
        );

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Equal("[[1,2],null,[3]]", run.Value("all"));
        Assert.Equal("""[["a","a"],null,["c"]]""", run.Value("all", "other"));
        Assert.Equal("\"1,2,3\"", run.Value("all", "text"));
        Assert.Equal("\"1,2,3\"", run.Value("passed/all", "text"));
        Assert.Equal(["files[0]", "files[1]", "files[2]"], run.Tasks["outer"].Artifacts.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_list_of_files_is_no_file()
    {
        var run = await RunAsync(
            Build.Step("make").For(Of(new[] { 1, 2 })).With("value", Item()).Writes("f"),
            Build.Step("one").Reads("in", new ArtifactBinding.TaskOutput("make", "f"))
        );

        Assert.Equal(TaskState.Failed, run.Tasks["one"].State);
        Assert.Contains("takes one artifact as 'in' but receives a list of 2", run.Tasks["one"].Error!.Message);
    }

    [Fact]
    public async Task An_empty_loop_gives_out_empty_lists()
    {
        var run = await RunAsync(
            Build.Step("make").For(Of(Array.Empty<int>())).Writes("f"),
            Build.Step("all").With("value", From("make")).Reads("in", new ArtifactBinding.TaskOutput("make", "f"), isList: true)
        );

        Ended(run, RunStatus.Finished, "all:Succeeded make:Succeeded");
        Assert.Equal("[]", run.Value("all"));
        Assert.Equal("\"\"", run.Value("all", "text"));
    }

    [Fact]
    public async Task A_failing_item_fails_the_loop_and_lets_the_other_items_run()
    {
        var run = await RunAsync(
            Graph("each", Body(Build.Step("x").With("value", Item()).With("fail", Input("fail")), Build.Step("y", "x")))
                .For(Of(new[] { 0, 9, 0 }), 1)
                .With("fail", Item()),
            Build.Step("after", "each"),
            Build.Step("last").With("value", new ParameterBinding.TaskStatus("each") { Selector = "state" }).Last()
        );

        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Equal("each[1]/x: failure 1", run.Error!.Message);
        Assert.Equal(
            (TaskState.Succeeded, TaskState.Failed, TaskState.Succeeded, TaskState.Failed, TaskState.Skipped),
            (
                run.Tasks["each[0]"].State,
                run.Tasks["each[1]"].State,
                run.Tasks["each[2]"].State,
                run.Tasks["each"].State,
                run.Tasks["after"].State
            )
        );
        Assert.Equal("\"Failed\"", run.Value("last"));
        Assert.Equal("each[0]/x:1 each[0]/y:1 each[1]/x:1 each[2]/x:1 each[2]/y:1 last:1", World.Calls);
    }

    [Fact]
    public async Task Items_are_chosen_by_conditions_and_a_loop_of_none_is_skipped()
    {
        var run = await RunAsync(
            Build.Step("big").For(Of(new[] { 1, 5, 9 })).With("value", Item()).When("params.item > 4"),
            Build.Step("all").With("value", From("big")),
            Build.Step("none").For(Of(new[] { 1, 2 })).When("params.item > 4"),
            Build.Step("after", "none")
        );

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Equal("[null,5,9]", run.Value("all"));
        Assert.Equal(
            (TaskState.Skipped, TaskState.Skipped, TaskState.Skipped),
            (run.Tasks["big[0]"].State, run.Tasks["none"].State, run.Tasks["after"].State)
        );
        Assert.Equal("all:1 big[1]:1 big[2]:1", World.Calls);
    }

    [Fact]
    public async Task A_list_may_come_as_JSON_text_and_anything_else_is_told()
    {
        var run = await RunAsync(
            Build.Step("text").For(Of("""[{"a":1},{"a":2}]""")).With("value", Item("a")),
            Build.Step("number").For(Of(5)),
            Build.Step("free")
        );

        Assert.Equal("[1,2]", run.Value("text"));
        Assert.Contains("loops over a value that is not a list", run.Tasks["number"].Error!.Message);
        Assert.Equal("free:1 text[0]:1 text[1]:1", World.Calls);
    }
}
