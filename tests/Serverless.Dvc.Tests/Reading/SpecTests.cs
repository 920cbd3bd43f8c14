using System.Text.Json;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Tests.Reading;

/// <summary>What a dvc.yaml becomes in the pipeline model.</summary>
public sealed class SpecTests
{
    [Fact]
    public void A_command_stage()
    {
        using var workspace = Workspace.With(
            """
            stages:
              prepare:
                desc: Cleans
                cmd: python prepare.py
                deps: [prepare.py, data/raw.csv]
                outs: [clean.csv]
              train:
                wdir: models
                cmd:
                  - echo 1
                  - echo 2
                deps: [../clean.csv]
                params: [lr, {x.json: [k.n]}, {../y.toml: }]
                outs: [{m.pkl: {desc: the model}}, {keep: {persist: true, cache: false}}]
                metrics: [{m.json: {cache: false}}]
                plots: [p.csv]
                env: {A: 1, B: 'two', C: true}
            """,
            ("prepare.py", ""),
            ("data/raw.csv", "x"),
            ("models/params.yaml", "lr: 0.1\n"),
            ("models/x.json", "{\"k\": {\"n\": 1.50}}"),
            ("y.toml", "[s]\nv = 1\n"),
            ("params.yaml", "top: {a: 1.0}\n")
        );
        var document = workspace.Read();
        Assert.Equal(Path.GetFileName(workspace.Root), document.Spec.Name);
        Assert.Equal("{\"a\": 1.0}", document.Spec.Parameters["top"].GetRawText());
        Assert.Equal(workspace.Root, document.Directory);
        Assert.Equal(
            [
                ("data/raw.csv", false),
                ("models/keep", true),
                ("models/params.yaml", false),
                ("models/x.json", false),
                ("prepare.py", false),
                ("y.toml", false),
            ],
            document.Sources.Select(s => (s.Path, s.IsOptional))
        );
        Assert.Equal(Path.Combine(workspace.Root, "models", "x.json"), document.Sources[3].FullPath);

        var prepare = document.Spec.Graph.Tasks[0];
        Assert.Equal("Cleans", prepare.Description);
        Assert.Equal(["python prepare.py"], Assert.IsType<ComponentSpec.Command>(prepare.Component).Lines);
        Assert.Equal("", ((ComponentSpec.Command)prepare.Component).WorkingDirectory);
        Assert.Equal(
            [
                new ArtifactInput { Path = "prepare.py", From = new ArtifactBinding.Source("prepare.py") },
                new ArtifactInput { Path = "data/raw.csv", From = new ArtifactBinding.Source("data/raw.csv") },
            ],
            prepare.Inputs
        );
        Assert.False(prepare.AlwaysChanged);

        var train = document.Spec.Graph.Tasks[1];
        var command = Assert.IsType<ComponentSpec.Command>(train.Component);
        Assert.Equal("models", command.WorkingDirectory);
        Assert.Equal(["echo 1", "echo 2"], command.Lines);
        Assert.Equal([("A", "1"), ("B", "two"), ("C", "true")], command.Environment.Select(e => (e.Key, e.Value)));
        Assert.Equal(
            [
                new ArtifactInput { Path = "clean.csv", From = new ArtifactBinding.TaskOutput("prepare", "clean.csv") },
                new ArtifactInput
                {
                    Path = "models/params.yaml",
                    From = new ArtifactBinding.Source("models/params.yaml"),
                    InCacheKey = false,
                },
                new ArtifactInput
                {
                    Path = "models/x.json",
                    From = new ArtifactBinding.Source("models/x.json"),
                    InCacheKey = false,
                },
                new ArtifactInput
                {
                    Path = "y.toml",
                    From = new ArtifactBinding.Source("y.toml"),
                    InCacheKey = false,
                },
                new ArtifactInput
                {
                    Path = "models/keep",
                    From = new ArtifactBinding.Source("models/keep"),
                    InCacheKey = false,
                    IsOptional = true,
                },
            ],
            train.Inputs
        );
        Assert.Equal(
            [("models/params.yaml:lr", "0.1"), ("models/x.json:k.n", "1.5"), ("y.toml:s", "{\"v\": 1}")],
            train.Tracked.Select(t => (t.Key, t.Value.GetRawText()))
        );
        Assert.Equal(
            [
                new ArtifactOutput { Path = "models/m.pkl", Description = "the model" },
                new ArtifactOutput
                {
                    Path = "models/keep",
                    Persist = true,
                    Cache = false,
                },
                new ArtifactOutput
                {
                    Path = "models/m.json",
                    Kind = ArtifactKind.Metric,
                    Cache = false,
                },
                new ArtifactOutput { Path = "models/p.csv", Kind = ArtifactKind.Plot },
            ],
            train.Outputs
        );
    }

    [Fact]
    public void Default_params_have_no_prefix_and_whole_files_all_their_keys()
    {
        using var workspace = Workspace.With(
            "stages:\n  a: {cmd: x, params: [lr, net.size], outs: [o]}\n  b: {cmd: x, params: [lr, {params.yaml: }], outs: [p]}\n  c: "
                + "{cmd: x, params: [{c.py: [A.w, K]}], outs: [q]}\n",
            ("params.yaml", "lr: 1.0e-5\nnet: {size: [1, 2]}\nx: .nan\n"),
            ("c.py", "K = (1, 2)\nclass A:\n  w = 9\n")
        );
        Assert.Equal(["lr=1e-05", "net.size=[1, 2]"], Tracked(workspace, "a"));
        Assert.Equal(["lr=1e-05", "net={\"size\": [1, 2]}", "x=\"NaN\""], Tracked(workspace, "b"));
        Assert.Equal(["c.py:A.w=9", "c.py:K=[1, 2]"], Tracked(workspace, "c"));
    }

    [Theory]
    [InlineData("cmd: |\n      echo 1\n\n      echo 2\n", "echo 1|echo 2")]
    [InlineData("cmd: >\n      echo 1\n      echo 2\n", "echo 1 echo 2")]
    [InlineData("cmd: [\"a\\nb\", c]\n", "a\nb|c")]
    public void Lines_of_a_command(string stage, string lines)
    {
        using var workspace = Workspace.With($"stages:\n  st:\n    {stage}");
        Assert.Equal(lines, string.Join('|', ((ComponentSpec.Command)workspace.Task("st").Component).Lines));
    }

    [Fact]
    public void A_command_that_tells_of_nothing_always_runs()
    {
        using var workspace = Workspace.With(
            "stages:\n  a: {cmd: x}\n  b: {cmd: x, outs: [o]}\n  c: {cmd: x, deps: [o]}\n  d: {cmd: x, outs: [p], always_changed: true}\n"
        );
        Assert.Equal([true, false, false, true], workspace.Spec().Graph.Tasks.Select(t => t.AlwaysChanged));
    }

    [Fact]
    public void A_file_inside_of_an_output_folder()
    {
        using var workspace = Workspace.With("stages:\n  a: {cmd: x, outs: [./d/]}\n  b: {cmd: x, deps: [d/sub/f, d]}\n");
        Assert.Equal(
            [
                new ArtifactInput { Path = "d/sub/f", From = new ArtifactBinding.TaskOutput("a", "d", "sub/f") },
                new ArtifactInput { Path = "d", From = new ArtifactBinding.TaskOutput("a", "d") },
            ],
            workspace.Task("b").Inputs
        );
    }

    [Fact]
    public void A_folder_that_holds_outputs_of_other_stages()
    {
        using var workspace = Workspace.With(
            "stages:\n  a: {cmd: x, outs: [data/a.csv]}\n  b: {cmd: x, outs: [data/deep/b.csv]}\n  c: {cmd: x, deps: [data]}\n",
            ("data/a.csv", "old"),
            ("data/own.csv", ""),
            ("data/deep/more.csv", ""),
            ("data/rest/1", ""),
            ("data/.gitignore", "/a.csv")
        );
        Assert.Equal(
            [
                ("data/a.csv", new ArtifactBinding.TaskOutput("a", "data/a.csv")),
                ("data/deep/b.csv", new ArtifactBinding.TaskOutput("b", "data/deep/b.csv")),
                ("data/deep/more.csv", new ArtifactBinding.Source("data/deep/more.csv")),
                ("data/own.csv", new ArtifactBinding.Source("data/own.csv")),
                ("data/rest", (ArtifactBinding)new ArtifactBinding.Source("data/rest")),
            ],
            workspace.Task("c").Inputs.Select(i => (i.Path, i.From))
        );
    }

    [Fact]
    public void A_params_file_that_a_stage_writes_counts_as_a_whole()
    {
        using var workspace = Workspace.With("stages:\n  a: {cmd: x, outs: [best.yaml]}\n  b: {cmd: x, params: [{best.yaml: [lr]}]}\n");
        Assert.Equal(
            [new ArtifactInput { Path = "best.yaml", From = new ArtifactBinding.TaskOutput("a", "best.yaml") }],
            workspace.Task("b").Inputs
        );
        Assert.Empty(workspace.Task("b").Tracked);
    }

    [Fact]
    public void A_frozen_stage_imports_its_outputs()
    {
        using var workspace = Workspace.With(
            "stages:\n  fr: {cmd: x, deps: [gone], params: [gone], outs: [o1], frozen: true}\n  b: {cmd: x, deps: [o1]}\n",
            ("o1", "pre")
        );
        var task = workspace.Task("fr");
        Assert.IsType<ComponentSpec.Import>(task.Component);
        Assert.Equal([new ArtifactInput { Path = "o1", From = new ArtifactBinding.Source("o1") }], task.Inputs);
        Assert.Equal(["o1"], task.Outputs.Select(o => o.Path));
        Assert.Equal([new ArtifactInput { Path = "o1", From = new ArtifactBinding.TaskOutput("fr", "o1") }], workspace.Task("b").Inputs);
    }

    [Fact]
    public void Files_above_the_pipeline()
    {
        using var workspace = Workspace.With(
            "",
            ("shared/x.csv", "1"),
            ("p/dvc.yaml", "stages: {a: {cmd: x, deps: [../shared/x.csv, sub/../../shared], outs: [o]}}\n")
        );
        var document = DvcYaml.Read(Path.Combine(workspace.Root, "p", "dvc.yaml"), workspace.Catalog);
        Assert.Equal(
            [("../shared", Path.Combine(workspace.Root, "shared")), ("../shared/x.csv", Path.Combine(workspace.Root, "shared", "x.csv"))],
            document.Sources.Select(s => (s.Path, s.FullPath))
        );
        Assert.Equal("p", document.Spec.Name);
    }

    [Fact]
    public void Repeated_outputs_and_deps_of_one_list_are_one()
    {
        using var workspace = Workspace.With("stages: {a: {cmd: x, deps: [i, ./i], outs: [o, {o: {persist: true}}]}}\n", ("i", ""));
        Assert.True(Assert.Single(workspace.Task("a").Outputs).Persist);
        Assert.Equal(["i", "o"], workspace.Task("a").Inputs.Select(i => i.Path));
    }

    [Fact]
    public void A_pipeline_can_be_stored_and_read_back()
    {
        using var workspace = Workspace.With(
            "stages:\n  a: {uses: train/fast-tree, with: {data: i, model: m, trees: 5}, retry: 3, timeout: 1h}\n  b: {uses: "
                + "train/fast-tree, with: {data: m, model: n, trees: {from: a.best.trees}}, when: a.ok}\n",
            ("i", "")
        );
        var spec = workspace.Using<TrainComponent>().Spec();
        var json = JsonSerializer.Serialize(spec);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<PipelineSpec>(json)));
    }

    private static IEnumerable<string> Tracked(Workspace workspace, string task) =>
        workspace.Task(task).Tracked.Select(t => t.Key + "=" + t.Value.GetRawText());
}
