using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Testing;
using Serverless.Tracking.Runs;
using static Serverless.Pipelines.Tests.Contract.Build;

namespace Serverless.Pipelines.Tests.Contract;

public abstract class GraphContract(AzuriteFixture azurite) : PipelineContract(azurite)
{
    [Fact]
    public async Task A_chain_hands_values_on_in_order()
    {
        var run = await RunAsync(
            Build.Step("c").With("value", From("b")).With("other", From("a", selector: "y.1")),
            Build.Step("b").With("value", From("a", selector: "x")),
            Build.Step("a").With("value", new { x = 7, y = new[] { "p", "q" } })
        );

        Ended(run, RunStatus.Finished, "a:Succeeded b:Succeeded c:Succeeded");
        Assert.Equal("7", run.Value("c"));
        Assert.Equal("\"q\"", run.Value("c", "other"));
        Assert.Equal("a:1 b:1 c:1", World.Calls);
        Assert.True(World.IsBefore("a", "b") && World.IsBefore("b", "c"));
    }

    [Fact]
    public async Task A_wide_graph_runs_side_by_side_and_never_over_the_limit()
    {
        var tasks = Enumerable
            .Range(0, 12)
            .Select(i => Build.Step($"t[{i}]").With("meet", 3))
            .Append(Build.Step("end", "t[0]", "t[11]"))
            .ToArray();

        var run = await RunAsync(Pipeline(tasks), new ContractScript { Parallelism = 3 });

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Equal(3, World.Most);
        Assert.All(World.CallsByPath(), c => Assert.Equal(1, c.Value));
        Assert.Equal(13, World.CallsByPath().Count);
    }

    [Fact]
    public async Task A_diamond_hands_files_on_and_joins()
    {
        var run = await RunAsync(
            Build.Step("top").With("value", "t").Writes("top.txt"),
            Build.Step("left").Reads("in.txt", new ArtifactBinding.TaskOutput("top", "top.txt")).With("value", "l").Writes("left.txt"),
            Build.Step("right", "top").With("value", "r").Writes("right.txt"),
            Build.Step("join", "left").Reads("in/l", new ArtifactBinding.TaskOutput("right", "right.txt"))
        );

        Ended(run, RunStatus.Finished, "join:Succeeded left:Succeeded right:Succeeded top:Succeeded");
        Assert.Equal("\"t\"", run.Value("left", "text"));
        Assert.Equal("\"r\"", run.Value("join", "text"));
        Assert.True(
            World.IsBefore("top", "left")
                && World.IsBefore("top", "right")
                && World.IsBefore("left", "join")
                && World.IsBefore("right", "join")
        );
    }

    [Fact]
    public async Task Graphs_inside_of_graphs_take_and_give_parameters_and_artifacts()
    {
        var innermost = Body(
                Build.Step("work").With("value", Input("n")).Reads("file", new ArtifactBinding.GraphInput("data")).Writes("model")
            )
            .Gives("number", new OutputRef("work", "value"))
            .Gives("text", new OutputRef("work", "text"))
            .Gives("model", new OutputRef("work", "model"));
        var middle = Body(Graph("deep", innermost).With("n", Input("m")).Takes("data", new ArtifactBinding.GraphInput("given")))
            .Gives("number", new OutputRef("deep", "number"))
            .Gives("text", new OutputRef("deep", "text"))
            .Gives("out", new OutputRef("deep", "model"));

        var run = await RunAsync(
            Pipeline(
                    Build.Step("make").With("value", "data").Writes("d"),
                    Graph("outer", middle).With("m", Input("start")).Takes("given", new ArtifactBinding.TaskOutput("make", "d")),
                    Build
                        .Step("use")
                        .With("value", From("outer", "number"))
                        .With("other", From("outer", "text"))
                        .Reads("model", new ArtifactBinding.TaskOutput("outer", "out"))
                )
                .Given("start", 5)
        );

        Ended(run, RunStatus.Finished, "make:Succeeded outer/deep/work:Succeeded outer/deep:Succeeded outer:Succeeded use:Succeeded");
        Assert.Equal(("5", "\"data\"", "\"5\""), (run.Value("use"), run.Value("use", "other"), run.Value("use", "text")));
        Assert.Equal("make:1 outer/deep/work:1 use:1", World.Calls);
    }

    [Theory]
    [InlineData(1, "then", "else")]
    [InlineData(2, "else", "then")]
    public async Task Of_an_if_and_its_else_one_runs_and_its_output_is_taken(int x, string ran, string skipped)
    {
        var branches = Body(
                Graph("then", Body(Build.Step("a").With("value", "A")).Gives("value", new OutputRef("a", "value")))
                    .With("x", Input("x"))
                    .When("inputs['x'] == 1"),
                Graph("else", Body(Build.Step("b").With("value", "B")).Gives("value", new OutputRef("b", "value")))
                    .With("x", Input("x"))
                    .When("!(inputs['x'] == 1)")
            )
            .Gives("value", new OutputRef("then", "value"), new OutputRef("else", "value"));

        var run = await RunAsync(
            Build.Step("start").With("value", x),
            Graph("branches", branches).With("x", From("start")),
            Build.Step("after").With("value", From("branches"))
        );

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Equal(TaskState.Succeeded, run.Tasks["branches/" + ran].State);
        Assert.Equal(TaskState.Skipped, run.Tasks["branches/" + skipped].State);
        Assert.Equal(ran == "then" ? "\"A\"" : "\"B\"", run.Value("after"));
        Assert.Equal(3, World.CallsByPath().Count);
    }

    [Fact]
    public async Task A_condition_that_does_not_hold_skips_the_task_and_what_hangs_on_it()
    {
        var run = await RunAsync(
            Build.Step("a").With("value", 1),
            Build.Step("b").When("a.value > 1"),
            Build.Step("c", "b"),
            Build.Step("d", "a"),
            Build.Step("e", "b", "d") with
            {
                IgnoreUpstreamFailure = true,
            }
        );

        Ended(run, RunStatus.Finished, "a:Succeeded b:Skipped c:Skipped d:Succeeded e:Succeeded");
        Assert.Equal("'b' was skipped", run.Tasks["c"].Reason);
        Assert.Equal("a:1 d:1 e:1", World.Calls);
    }

    [Fact]
    public async Task A_failure_stops_what_depends_on_it_and_nothing_else()
    {
        var run = await RunAsync(
            Build.Step("bad").With("fail", 9),
            Build.Step("after", "bad"),
            Build.Step("later", "after"),
            Build.Step("free"),
            Build.Step("all-the-same", "after").With("value", From("bad")) with
            {
                IgnoreUpstreamFailure = true,
            },
            Build.Step("next", "all-the-same")
        );

        Ended(run, RunStatus.Failed, "after:Skipped all-the-same:Succeeded bad:Failed free:Succeeded later:Skipped next:Succeeded");
        Assert.Equal("bad: failure 1", run.Error!.Message);
        Assert.Equal("all-the-same:1 bad:1 free:1 next:1", World.Calls);
    }

    [Fact]
    public async Task Tasks_at_the_end_run_whatever_happened_and_learn_how_the_others_ended()
    {
        var status = new ParameterBinding.TaskStatus("work");
        var run = await RunAsync(
            Graph("work", Body(Build.Step("bad").With("fail", 9), Build.Step("good"))),
            Graph("fine", Body(Build.Step("good"))),
            Build.Step("exit").With("value", status).Last(),
            Build
                .Step("exit2")
                .With("value", new ParameterBinding.TaskStatus("fine") { Selector = "state" })
                .With("other", From("exit", selector: "state"))
                .Last(),
            Graph("exit3", Body(Build.Step("tell").With("value", Input("how")), Build.Step("more", "tell")))
                .With("how", status with { Selector = "error" })
                .Last()
        );

        Ended(
            run,
            RunStatus.Failed,
            "exit2:Succeeded exit3/more:Succeeded exit3/tell:Succeeded exit3:Succeeded exit:Succeeded fine/good:Succeeded "
                + "fine:Succeeded work/bad:Failed work/good:Succeeded work:Failed"
        );
        Assert.Equal("""{"task":"work","state":"Failed","error":"failure 1"}""", run.Value("exit"));
        Assert.Equal(
            ("\"Succeeded\"", "\"Failed\"", "\"failure 1\""),
            (run.Value("exit2"), run.Value("exit2", "other"), run.Value("exit3/tell"))
        );
        Assert.Equal("work/bad: failure 1", run.Error!.Message);
        Assert.True(World.IsBefore("fine/good", "exit") && World.IsBefore("work/good", "exit"));
    }

    [Fact]
    public async Task A_failing_task_at_the_end_fails_the_run()
    {
        var run = await RunAsync(Build.Step("a"), Build.Step("last").With("fail", 1).Last());

        Ended(run, RunStatus.Failed, "a:Succeeded last:Failed");
    }

    [Fact]
    public async Task Imports_hand_on_files_of_the_workspace_and_addresses_of_others()
    {
        var file = new TaskSpec
        {
            Name = "file",
            Component = new ComponentSpec.Import(),
            Inputs = [new ArtifactInput { Path = "in.txt", From = new ArtifactBinding.Source("in.txt") }],
            Outputs = [new ArtifactOutput { Path = "in.txt" }],
        };
        var address = new TaskSpec
        {
            Name = "address",
            Component = new ComponentSpec.Import { UriParameter = "uri", Reimport = true },
            Parameters = new Dictionary<string, ParameterBinding>
            {
                ["uri"] = new ParameterBinding.Concat([Of("gs://bucket/"), Input("name")]),
            },
            Outputs = [new ArtifactOutput { Path = "data", Type = "system.Dataset" }],
        };

        var run = await RunAsync(
            Pipeline(file, address, Build.Step("use", "address").Reads("x", new ArtifactBinding.TaskOutput("file", "in.txt")))
                .Given("name", "a.csv"),
            new ContractScript { Sources = new Dictionary<string, string> { ["in.txt"] = "hello" } }
        );

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Equal("\"hello\"", run.Value("use", "text"));
        Assert.Equal(
            ("system.Dataset", "gs://bucket/a.csv"),
            (run.Tasks["address"].ArtifactInfos["data"].Type, run.Tasks["address"].ArtifactInfos["data"].Uri)
        );
    }

    [Fact]
    public async Task Parameters_get_their_types_and_defaults_and_what_does_not_fit_fails_the_task_alone()
    {
        static ParameterSpec Spec(ParameterType type) => new() { Type = type };
        var typed = Build.Step("typed").With("value", new { n = 5.0 }).With("other", 5.0) with
        {
            Accepts = new Dictionary<string, ParameterSpec>
            {
                ["value"] = Spec(ParameterType.Text),
                ["other"] = Spec(ParameterType.Integer),
                ["meet"] = new() { Type = ParameterType.Integer, Default = System.Text.Json.JsonSerializer.SerializeToElement(1) },
            },
        };
        var run = await RunAsync(
            typed,
            Build.Step("wrong").With("value", "x") with
            {
                Accepts = new Dictionary<string, ParameterSpec> { ["value"] = Spec(ParameterType.Number) },
            },
            Build.Step("missing") with
            {
                Accepts = new Dictionary<string, ParameterSpec> { ["value"] = Spec(ParameterType.Any) },
            },
            Build.Step("unknown").With("value", From("typed", "nothing"))
        );

        Ended(run, RunStatus.Failed, "missing:Failed typed:Succeeded unknown:Failed wrong:Failed");
        Assert.Equal("5", run.Value("typed", "other"));
        Assert.StartsWith("\"{", run.Value("typed"));
        Assert.Contains("must be of type Number", run.Tasks["wrong"].Error!.Message);
        Assert.Contains("requires the parameter 'value'", run.Tasks["missing"].Error!.Message);
        Assert.Contains("has no output value 'nothing'", run.Tasks["unknown"].Error!.Message);
        Assert.Equal("typed:1", World.Calls);
    }

    [Fact]
    public async Task A_nested_graph_that_waits_for_itself_fails_instead_of_hanging()
    {
        var run = await RunAsync(
            Graph("circle", Body(Build.Step("a", "b"), Build.Step("b", "a"))),
            Graph("foreign", Body(Build.Step("a", "circle"))),
            Graph("late", Body(Build.Step("a", "end"), Build.Step("end").Last()))
        );

        Ended(run, RunStatus.Failed, "circle:Failed foreign:Failed late:Failed");
        Assert.Contains("depend on one another: a, b", run.Tasks["circle"].Error!.Message);
        Assert.Contains("is not a task of its graph", run.Tasks["foreign"].Error!.Message);
        Assert.Contains("runs only after all others", run.Tasks["late"].Error!.Message);
        Assert.Equal("", World.Calls);
    }
}
