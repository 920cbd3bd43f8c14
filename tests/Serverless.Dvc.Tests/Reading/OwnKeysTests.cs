using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Tests.Reading;

/// <summary>The keys that DVC does not have.</summary>
public sealed class OwnKeysTests
{
    [Fact]
    public void Uses_takes_parameters_and_makes_deps_and_outs_of_paths()
    {
        using var workspace = Workspace.With(
            """
            stages:
              split: {cmd: x, outs: [w/train.csv, w/more]}
              train:
                wdir: w
                uses: train/fast-tree
                with:
                  data: train.csv
                  more: [more/a, ../extra.csv]
                  model: out/model
                  scores: ${scores}
                  trees: ${trees}
                  learning_rate: 1
                  kind: light-gbm
                  columns: ${columns}
                  weights: ${weights}
                deps: [schema.yaml]
                outs: [{out/model: {cache: false, desc: the model}}]
                params: [trees]
            """,
            ("params.yaml", "scores: s.json\ntrees: 50\ncolumns: [a, b]\nweights: {x: 0.5}\n"),
            ("extra.csv", ""),
            ("w/schema.yaml", ""),
            ("w/params.yaml", "trees: 50\n")
        );
        workspace.Using<TrainComponent>();
        var task = workspace.Task("train");
        Assert.Equal(new ComponentSpec.InProcess("train/fast-tree"), task.Component);
        Assert.Equal(
            [
                ("data", "\"w/train.csv\""),
                ("more", "[\"w/more/a\", \"extra.csv\"]"),
                ("model", "\"w/out/model\""),
                ("scores", "\"w/s.json\""),
                ("trees", "50"),
                ("learning_rate", "1"),
                ("kind", "\"light-gbm\""),
                ("columns", "[\"a\", \"b\"]"),
                ("weights", "{\"x\": 0.5}"),
            ],
            task.Parameters.Select(p => (p.Key, ((ParameterBinding.Constant)p.Value).Value.GetRawText()))
        );
        Assert.Equal(
            [
                ("w/schema.yaml", new ArtifactBinding.Source("w/schema.yaml")),
                ("w/train.csv", new ArtifactBinding.TaskOutput("split", "w/train.csv")),
                ("w/more/a", new ArtifactBinding.TaskOutput("split", "w/more", "a")),
                ("extra.csv", new ArtifactBinding.Source("extra.csv")),
                ("w/params.yaml", (ArtifactBinding)new ArtifactBinding.Source("w/params.yaml")),
            ],
            task.Inputs.Select(i => (i.Path, i.From))
        );
        Assert.Equal(
            [
                new ArtifactOutput
                {
                    Path = "w/out/model",
                    Cache = false,
                    Description = "the model",
                },
                new ArtifactOutput { Path = "w/s.json", Kind = ArtifactKind.Metric },
            ],
            task.Outputs
        );
        Assert.False(task.AlwaysChanged);
    }

    [Fact]
    public void An_output_value_of_another_stage()
    {
        using var workspace = Workspace.With(
            "stages:\n  tune@:\n".Replace("  tune@:\n", "", StringComparison.Ordinal)
                + "  tune:\n    foreach: [v1.2]\n    do: {cmd: x}\n  train:\n    uses: train/fast-tree\n    with: {data: d, model: m, "
                + "trees: {from: tune@v1.2.best.trees}, learning_rate: {from: 'tune@v1.2.lr'}}\n",
            ("d", "")
        );
        var task = workspace.Using<TrainComponent>().Task("train");
        Assert.Equal(new ParameterBinding.TaskOutput("tune@v1.2", "best") { Selector = "trees" }, task.Parameters["trees"]);
        Assert.Equal(new ParameterBinding.TaskOutput("tune@v1.2", "lr"), task.Parameters["learning_rate"]);
        Assert.Equal(["tune@v1.2"], task.DependsOn);
    }

    [Fact]
    public void A_loop_over_components()
    {
        using var workspace = Workspace.With(
            """
            stages:
              train:
                foreach: ${candidates}
                do:
                  uses: train/fast-tree
                  with: {data: d, model: 'models/${key}', trees: '${item.trees}', kind: '${key}'}
                  retry: ${tries}
                  timeout: ${item.trees}s
              compare:
                cmd: x
                deps: [models]
                when: train@fast-tree.auc > params.gate.auc or train@light-gbm.auc > 0.5
            """,
            ("d", ""),
            ("params.yaml", "candidates: {fast-tree: {trees: 5}, light-gbm: {trees: 6}}\ntries: 2\ngate: {auc: 0.8}\n")
        );
        var spec = workspace.Using<TrainComponent>().Spec();
        Assert.Equal(["train@fast-tree", "train@light-gbm", "compare"], spec.Graph.Tasks.Select(t => t.Name));
        Assert.Equal((2, TimeSpan.FromSeconds(6)), (spec.Graph.Tasks[1].Retry!.Attempts, spec.Graph.Tasks[1].Timeout));
        Assert.Equal("6", ((ParameterBinding.Constant)spec.Graph.Tasks[1].Parameters["trees"]).Value.GetRawText());
        Assert.Equal(["train@fast-tree", "train@light-gbm"], spec.Graph.Tasks[2].DependsOn);
        Assert.Equal(["models/fast-tree", "models/light-gbm"], spec.Graph.Tasks[2].Inputs.Select(i => i.Path));
    }

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("5m", 300)]
    [InlineData("1h30m", 5400)]
    [InlineData("1h 30m 5s", 5405)]
    [InlineData("2d", 172800)]
    [InlineData("250ms", 0.25)]
    [InlineData("90", 90)]
    [InlineData("1.5", 1.5)]
    [InlineData("'0.5h'", 1800)]
    public void Durations(string text, double seconds)
    {
        using var workspace = Workspace.With($"stages: {{a: {{cmd: x, timeout: {text}}}}}\n");
        Assert.Equal(TimeSpan.FromSeconds(seconds), workspace.Task("a").Timeout);
    }

    [Theory]
    [InlineData("retry: 3", 3, 1, 2, 3600)]
    [InlineData("retry: {attempts: 5, backoff: 10s, factor: 1.5, max_backoff: 2m}", 5, 10, 1.5, 120)]
    [InlineData("retry: {attempts: 2, backoff: 0}", 2, 0, 2, 3600)]
    public void Retries(string retry, int attempts, double backoff, double factor, double most)
    {
        using var workspace = Workspace.With($"stages: {{a: {{cmd: x, {retry}}}}}\n");
        Assert.Equal(
            new RetrySpec
            {
                Attempts = attempts,
                Backoff = TimeSpan.FromSeconds(backoff),
                Factor = factor,
                MaxBackoff = TimeSpan.FromSeconds(most),
            },
            workspace.Task("a").Retry
        );
    }

    [Fact]
    public void Resources_approval_finally()
    {
        using var workspace = Workspace.With(
            """
            stages:
              a: {cmd: x, resources: {cpu: 500m, memory: 4Gi, gpu: 1, image: 'python:3.12'}, approval: true}
              b: {cmd: x, resources: {cpu: 2}, approval: {message: Ship it?, role: owner, deadline: 1d}}
              c: {cmd: x, approval: false, finally: true, when: 'a.ok == true'}
            """
        );
        var tasks = workspace.Spec().Graph.Tasks;
        Assert.Equal(
            new ResourceSpec
            {
                Cpu = 0.5,
                Memory = "4Gi",
                Gpu = "1",
                Image = "python:3.12",
            },
            tasks[0].Resources
        );
        Assert.Equal(new ApprovalSpec(), tasks[0].Approval);
        Assert.Equal(new ResourceSpec { Cpu = 2 }, tasks[1].Resources);
        Assert.Equal(
            new ApprovalSpec
            {
                Message = "Ship it?",
                Role = "owner",
                Deadline = TimeSpan.FromDays(1),
            },
            tasks[1].Approval
        );
        Assert.Null(tasks[2].Approval);
        Assert.True(tasks[2].Finally);
        Assert.Equal(["a"], tasks[2].DependsOn);
    }

    [Theory]
    [InlineData("when: true", "true")]
    [InlineData("when: ${flag}", "false")]
    [InlineData("when: a.x > ${limit}", "a.x > 0.5")]
    public void Conditions_may_hold_variables(string when, string expected)
    {
        using var workspace = Workspace.With(
            $"stages:\n  a: {{cmd: x}}\n  b:\n    cmd: x\n    {when}\n",
            ("params.yaml", "flag: false\nlimit: 0.5\n")
        );
        Assert.Equal(expected, workspace.Task("b").When);
    }
}
