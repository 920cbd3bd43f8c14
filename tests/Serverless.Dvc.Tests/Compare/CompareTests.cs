using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Dvc.Compare;
using Serverless.Dvc.Dag;
using Serverless.Dvc.Projects;
using Serverless.Dvc.Repro;
using Serverless.Dvc.Tests.Repro;

namespace Serverless.Dvc.Tests.Compare;

/// <summary>Metrics, parameters, plots, graphs and status of a project with two commits and a changed work tree; what is expected is
/// what DVC 3.64 answered.</summary>
public sealed class CompareTests : IAsyncLifetime
{
    private const string Yaml = """
        stages:
          tr:
            cmd: sh gen.sh
            deps: [gen.sh, seed]
            params: [lr, n.a]
            metrics: [m.json: {cache: false}, c.yaml]
            plots:
              - loss.csv: {x: step, y: loss, cache: false, title: L}
              - img.png
          ev: {cmd: cp m.json e.json, deps: [m.json], metrics: [e.json]}
        plots:
          - both: {x: step, y: {loss.csv: [loss, acc], sub/o.csv: [v]}}
        metrics: [top.toml]
        """;

    private const string Script = """
        s=$(cat seed)
        echo "{\"a\": 0.$s, \"n\": {\"x\": $s, \"s\": \"t\"}, \"l\": [1, 2], \"none\": null}" > m.json
        echo "acc: 0.1234567$s" > c.yaml
        printf 'step,loss,acc\n0,0.5,0.1\n1,0.%s,0.2\n' $s > loss.csv
        printf 'PNG%s' $s > img.png
        """;

    private readonly ReproFolder folder = new(Yaml);

    public async ValueTask InitializeAsync()
    {
        folder.Write("gen.sh", Script).Write("top.toml", "q = 1.5\n").Write("sub/o.csv", "step,v\n0,1\n1,2\n");
        await MakeAsync("1", "lr: 0.1\nn: {a: 1, b: [1, 2]}\n", "one");
        folder.Git("tag", "v1");
        await MakeAsync("3", "lr: 0.2\nn: {a: 1, b: [1, 3]}\nnew: x\n", "two");
        await MakeAsync("4", "lr: 0.2\nn: {a: 5, b: [1, 3]}\n", null);
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Metrics_are_shown_with_what_the_cache_alone_holds()
    {
        using var project = Project.Open(folder.Root);
        Json(
            """
            {"": {"data": {
                "m.json": {"data": {"a": 0.4, "n": {"x": 4, "s": "t"}}},
                "c.yaml": {"data": {"acc": 0.12345674}},
                "e.json": {"data": {"a": 0.4, "n": {"x": 4, "s": "t"}}},
                "top.toml": {"data": {"q": 1.5}}
            }}}
            """,
            MetricsTable.Read(project, new RevisionChoice(), []).Json()
        );
        Assert.Equal(
            """
            Path      a    acc      n.s    n.x    q
            m.json    0.4  -        t      4      -
            c.yaml    -    0.12346  -      -      -
            e.json    0.4  -        t      4      -
            top.toml  -    -        -      -      1.5

            """,
            MetricsTable.Read(project, new RevisionChoice(), []).Text(asMarkdown: false, precision: 5)
        );
        var tags = JsonNode.Parse(MetricsTable.Read(project, new RevisionChoice { AllTags = true }, ["c.yaml"]).Json())!;
        Assert.Equal(["workspace", "v1"], tags.AsObject().Select(r => r.Key));
        Assert.Equal(0.12345671, tags["v1"]!["data"]!["c.yaml"]!["data"]!["acc"]!.GetValue<double>());
        Assert.Equal(
            "FileNotFoundError",
            JsonNode.Parse(MetricsTable.Read(project, new RevisionChoice(), ["no.json"]).Json())![""]!["data"]!["no.json"]!["error"]![
                "type"
            ]!.GetValue<string>()
        );
    }

    [Fact]
    public void Metrics_and_parameters_are_compared()
    {
        using var project = Project.Open(folder.Root);
        Json(
            """{"c.yaml": {"acc": {"old": 0.12345671, "new": 0.12345673, "diff": 2.000000000335067e-08}}}""",
            ValueComparison.Metrics(project, "v1", "HEAD", ["c.yaml"], withUnchanged: false).Json()
        );
        var metrics = JsonNode.Parse(ValueComparison.Metrics(project, "HEAD", "workspace", [], withUnchanged: false).Json())!;
        Assert.Equal(["c.yaml", "e.json", "m.json"], metrics.AsObject().Select(f => f.Key));
        Assert.Equal(1, metrics["m.json"]!["n.x"]!["diff"]!.GetValue<int>());
        Json(
            """
            {"params.yaml": {
                "lr": {"old": 0.1, "new": 0.2, "diff": 0.1},
                "n.b": {"old": "[1, 2]", "new": "[1, 3]"},
                "new": {"old": null, "new": "x"}
            }}
            """,
            ValueComparison.Params(project, "v1", "HEAD", [], withUnchanged: false, depsOnly: false).Json()
        );
        Json(
            """{"params.yaml": {"n.a": {"old": 1, "new": 5, "diff": 4}}}""",
            ValueComparison.Params(project, "HEAD", "workspace", [], withUnchanged: false, depsOnly: true).Json()
        );
        Assert.Equal(
            """
            | Param   | HEAD   | workspace   |
            |---------|--------|-------------|
            | n.a     | 1      | 5           |
            | new     | x      | -           |


            """,
            ValueComparison
                .Params(project, "HEAD", "workspace", [], withUnchanged: false, depsOnly: false)
                .Text(asMarkdown: true, withPath: false, withDifference: false, precision: null)
        );
        Assert.Throws<ServerlessException>(() =>
            ValueComparison.Params(project, "nosuch", "workspace", [], withUnchanged: false, depsOnly: false)
        );
    }

    [Fact]
    public void Plots_of_two_revisions_are_one()
    {
        using var project = Project.Open(folder.Root);
        var plots = ProjectPlots.Read(project, ["v1", "HEAD"], [], new Dictionary<string, string>(), null);
        var data = JsonNode.Parse(plots.Json(folder.At("plots")))!["data"]!;
        Assert.Equal(["both", "loss.csv", "img.png"], data.AsObject().Select(p => p.Key));
        var loss = data["loss.csv"]![0]!;
        Assert.Equal("vega", loss["type"]!.GetValue<string>());
        Assert.Equal("""["v1","HEAD"]""", loss["revisions"]!.ToJsonString());
        Assert.Equal(
            """[{"step":"0","loss":"0.5","acc":"0.1","rev":"v1"},{"step":"1","loss":"0.1","acc":"0.2","rev":"v1"},"""
                + """{"step":"0","loss":"0.5","acc":"0.1","rev":"HEAD"},{"step":"1","loss":"0.3","acc":"0.2","rev":"HEAD"}]""",
            loss["content"]!["data"]!["values"]!.ToJsonString()
        );
        Assert.Equal("L", loss["content"]!["title"]!["text"]!.GetValue<string>());
        Assert.DoesNotContain("<DVC_METRIC_", loss.ToJsonString(), StringComparison.Ordinal);
        var both = data["both"]![0]!["content"]!["data"]!["values"]!.AsArray();
        Assert.Equal(12, both.Count);
        Assert.Equal(
            """{"step":"0","loss":"0.5","acc":"0.1","dvc_inferred_y_value":"0.5","rev":"v1","filename::field":"loss.csv::loss"}""",
            both[0]!.ToJsonString()
        );
        Assert.Equal("PNG1", File.ReadAllText(data["img.png"]![0]!["url"]!.GetValue<string>()));
        Assert.Equal("PNG3", File.ReadAllText(data["img.png"]![1]!["url"]!.GetValue<string>()));
    }

    [Fact]
    public void The_page_needs_no_network()
    {
        using var project = Project.Open(folder.Root);
        var page = File.ReadAllText(
            ProjectPlots.Read(project, ["workspace", "v1"], [], new Dictionary<string, string>(), null).WritePage(folder.At("out"))
        );
        Assert.Contains("<polyline", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.True(folder.Has("out/static/v1_img.png"));
        Assert.Equal(2, folder.Files("out/static").Count(f => f.EndsWith(".vl.json", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("simple")]
    [InlineData("smooth")]
    [InlineData("scatter")]
    [InlineData("scatter_jitter")]
    [InlineData("confusion")]
    [InlineData("confusion_normalized")]
    [InlineData("bar_horizontal")]
    [InlineData("bar_horizontal_sorted")]
    public void Every_template_is_filled_and_drawn(string template)
    {
        using var project = Project.Open(folder.Root);
        var plots = ProjectPlots.Read(
            project,
            [],
            ["loss.csv"],
            new Dictionary<string, string>
            {
                ["template"] = template,
                ["x"] = "loss",
                ["y"] = "acc",
            },
            null
        );
        var spec = plots.Vega()!;
        Assert.DoesNotContain("<DVC_METRIC_", spec, StringComparison.Ordinal);
        Assert.Contains("\"field\": \"loss\"", spec, StringComparison.Ordinal);
        Assert.Contains("<figure", File.ReadAllText(plots.WritePage(folder.At("out"))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_graph_is_drawn()
    {
        using var project = Project.Open(folder.Root);
        Assert.Equal(
            "flowchart TD\n\tnode1[\"ev\"]\n\tnode2[\"tr\"]\n\tnode2-->node1\n",
            PipelineDag.Draw(project, null, outs: false, full: false, DagFormat.Mermaid)
        );
        Assert.Equal(
            "+----+\n| tr |\n+----+\n   *\n   *\n   *\n+----+\n| ev |\n+----+\n",
            PipelineDag.Draw(project, null, outs: false, full: false, DagFormat.Ascii)
        );
        Assert.Equal("flowchart TD\n\tnode1[\"tr\"]\n", PipelineDag.Draw(project, "tr", outs: false, full: false, DagFormat.Mermaid));
        Assert.Contains(
            "\"m.json\" -> \"e.json\";",
            PipelineDag.Draw(project, "e.json", outs: true, full: false, DagFormat.Dot),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Status_has_DVCs_shape()
    {
        using (var project = Project.Open(folder.Root))
        {
            Assert.Empty(ProjectStatus.Read(project, []).Entries);
        }

        folder.Write("params.yaml", "n: {a: 6}\n").Write("seed", "9");
        File.Delete(folder.At("e.json"));
        folder.Write("dvc.yaml", Yaml.Replace("cp m.json", "cp -f m.json", StringComparison.Ordinal));
        using var changed = Project.Open(folder.Root);
        Json(
            """
            {
                "tr": [{"changed deps": {"seed": "modified", "params.yaml": {"lr": "deleted", "n.a": "modified"}}}],
                "ev": [{"changed outs": {"e.json": "deleted"}}, "changed command"]
            }
            """,
            Serverless.Data.Values.PythonJson.Dump(ProjectStatus.Read(changed, []))
        );
    }

    private static void Json(string expected, string actual) =>
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), JsonNode.Parse(actual)!.ToJsonString());

    private async Task MakeAsync(string seed, string parameters, string? commit)
    {
        folder.Write("seed", seed).Write("params.yaml", parameters);
        Assert.Null((await folder.ReproAsync()).Error);
        if (commit is not null)
        {
            folder.Commit(commit);
        }
    }
}
