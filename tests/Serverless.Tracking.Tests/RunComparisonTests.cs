using System.Xml;
using Serverless.Core;
using Serverless.Testing;
using Serverless.Tracking.Comparison;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Writing;

namespace Serverless.Tracking.Tests;

public sealed class RunComparisonTests(AzuriteFixture azurite)
{
    private readonly Dictionary<string, string> none = [];

    [Fact]
    public async Task Runs_stand_side_by_side_and_what_differs_is_marked()
    {
        var runs = new RunStore(await azurite.OpenStoreAsync(), TimeProvider.System);
        var (a, b) = (
            await RunAsync(
                runs,
                "a",
                new()
                {
                    ["lr"] = "0.1",
                    ["kind"] = "tree",
                    ["same"] = "1",
                },
                5
            ),
            await RunAsync(runs, "b <script>", new() { ["lr"] = "0.2", ["same"] = "1" }, 3)
        );

        var comparison = await RunComparison.LoadAsync(runs, [a.Id, b.Id[..12], a.Id]);

        Assert.Equal([a.Id, b.Id], comparison.Runs.Select(r => r.Id));
        Assert.Equal(["kind:True", "lr:True", "same:False"], comparison.Parameters.Select(p => $"{p.Name}:{p.IsDifferent}"));
        Assert.Equal(["tree", null], comparison.Parameters[0].Values);
        Assert.Equal([0.1, 0.2], comparison.Parameters[1].Numbers!);
        Assert.Null(comparison.Parameters[0].Numbers);
        Assert.Equal(
            ["final:[9, 9]", "loss:[0.2, 0.33]"],
            comparison.Metrics.Select(m =>
                $"{m.Name}:[{string.Join(", ", m.Values.Select(v => v is null ? "" : v[..Math.Min(4, v.Length)]))}]"
            )
        );
        Assert.Equal([5, 3], Assert.Single(comparison.Curves).Points.Select(p => p.Count));
    }

    [Fact]
    public async Task The_page_needs_no_other_address_and_draws_every_run()
    {
        var runs = new RunStore(await azurite.OpenStoreAsync(), TimeProvider.System);
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(
                (
                    await RunAsync(
                        runs,
                        i == 0 ? "a </script><b>" : $"r{i}",
                        new() { ["lr"] = $"0.{i}", ["kind"] = i == 2 ? "x & y" : "z" },
                        2000
                    )
                ).Id
            );
        }

        var page = RunComparisonPage.Write(await RunComparison.LoadAsync(runs, ids));

        Assert.DoesNotContain("http", page);
        Assert.DoesNotContain("<b>", page);
        Assert.Contains("a &lt;/script&gt;&lt;b&gt;", page);
        // Well-formed as far as XML goes, apart from what only HTML has.
        var body = page[page.IndexOf("<main>", StringComparison.Ordinal)..(page.IndexOf("</main>", StringComparison.Ordinal) + 7)];
        var xml = new XmlDocument();
        xml.LoadXml(body);
        // A line each among the parallel coordinates and one in the plot of the only metric with a course.
        Assert.All(Enumerable.Range(0, 3), run => Assert.Equal(2, xml.SelectNodes($"//path[@data-run='{run}']")!.Count));
        Assert.True(page.Length < 120_000, "thousands of points are thinned out");
        Assert.Contains("kind", page);
    }

    [Fact]
    public async Task One_run_or_an_unknown_one_is_refused()
    {
        var runs = new RunStore(await azurite.OpenStoreAsync(), TimeProvider.System);
        var one = await RunAsync(runs, "a", none, 1);

        Assert.Equal(
            400,
            (await Assert.ThrowsAsync<ServerlessException>(() => RunComparison.LoadAsync(runs, [one.Id, one.Id[..20]]))).Status
        );
        Assert.Equal(404, (await Assert.ThrowsAsync<ServerlessException>(() => RunComparison.LoadAsync(runs, [one.Id, "0000"]))).Status);
    }

    [Fact]
    public async Task What_the_stages_of_a_pipeline_were_told_is_compared_too()
    {
        var runs = new RunStore(await azurite.OpenStoreAsync(), TimeProvider.System);
        var ids = new List<string>();
        foreach (var trees in new[] { "20", "50" })
        {
            var parent = await runs.CreateAsync(
                Pipeline("churn") with
                {
                    Pipeline = new PipelineRun { Pipeline = "churn", DefinitionDigest = "d" },
                }
            );
            await runs.CreateAsync(
                Pipeline("train") with
                {
                    Params = new Dictionary<string, string> { ["label"] = "churn", ["number_of_trees"] = trees },
                    Task = new TaskRun
                    {
                        RunId = parent.Id,
                        Path = "train@fast-tree",
                        State = "Succeeded",
                    },
                }
            );
            ids.Add(parent.Id);
        }

        var comparison = await RunComparison.LoadAsync(runs, ids);

        Assert.Equal(
            ["train@fast-tree.label:False", "train@fast-tree.number_of_trees:True"],
            comparison.Parameters.Select(p => $"{p.Name}:{p.IsDifferent}")
        );
        Assert.Equal(["20", "50"], comparison.Parameters[1].Values);
    }

    private static Run Pipeline(string name) =>
        new()
        {
            Id = Ids.NewId(),
            ExperimentId = "1",
            Name = name,
            StartTime = TimeProvider.System.GetUtcNow(),
        };

    private static async Task<Run> RunAsync(RunStore runs, string name, Dictionary<string, string> parameters, int steps)
    {
        var run = await runs.CreateAsync(
            new Run
            {
                Id = Ids.NewId(),
                ExperimentId = "1",
                Name = name,
                Params = parameters,
                StartTime = TimeProvider.System.GetUtcNow(),
            }
        );
        var points = Enumerable
            .Range(0, steps)
            .Select(i => new MetricEntry("loss", 1.0 / (i + 1), i, i))
            .Append(new MetricEntry("final", 9, 1, 0))
            .ToList();
        return await runs.LogAsync(run.ExperimentId, run.Id, r => r.WithMetrics(points));
    }
}
