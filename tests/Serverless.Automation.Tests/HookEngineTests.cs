using System.Text;
using Serverless.Automation.Hooks;
using Serverless.Automation.Maturity;
using Serverless.Core;
using Serverless.Serving.Rollouts;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Automation.Tests;

/// <summary>From a push to the report on the commit, on a real store and a local GitHub.</summary>
public sealed class HookEngineTests(AzuriteFixture azurite) : PolicyTest(azurite), IAsyncLifetime
{
    private const string Sha = "0123456789abcdef0123456789abcdef01234567";
    private FakeGithub github = null!;
    private GithubClient client = null!;
    private HookEngine engine = null!;

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        github = await FakeGithub.StartAsync();
        github.Files["model/dvc.yaml"] =
            "stages:\n  score: {cmd: 'echo \"{\\\"auc\\\": 0.875}\" > metrics.json', deps: [code.py], metrics: [metrics.json: {cache: "
            + "false}]}\n";
        github.Files["model/code.py"] = "print(1)\n";
        client = new GithubClient(new GithubOptions { Token = "t0ken", Api = github.Address }, TimeProvider.System);
        engine = EngineOf(Main);
        await ApplyAsync("  - {name: churn, repository: acme/churn, paths: ['model/**'], pipeline: model, model: m}");
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        client.Dispose();
        await github.DisposeAsync();
        await DisposeAsync();
    }

    [Fact]
    public async Task A_push_runs_the_pipeline_of_its_commit_and_is_told_what_came_of_it()
    {
        await ReceiveAsync("d1");
        Assert.True(await engine.WorkAsync(default));
        Assert.Equal(("pending", "mlops/churn"), (github.Statuses[0].State, github.Statuses[0].Context));
        Assert.Equal("Bearer t0ken", github.Authorization);
        var run = Assert.Single(await Main.ListRunsAsync());
        Assert.Equal(Sha, run.Tags["mlflow.source.git.commit"]);
        Assert.Equal("git", run.Tags["serverless.trigger"]);
        Assert.Equal("alice", run.User);

        await Main.DriveAsync();
        Assert.False(await engine.WorkAsync(default));
        Assert.Equal("success", github.Statuses[^1].State);
        Assert.Contains("0.875", Assert.Single(github.Comments), StringComparison.Ordinal);
        Assert.False(await engine.WorkAsync(default));
        Assert.Single(github.Comments);
    }

    /// <summary>Each level is reached by what has happened, not by what was configured.</summary>
    [Fact]
    public async Task A_workspace_climbs_from_by_hand_to_continuous_delivery()
    {
        var assessment = new MaturityAssessment(Main.Runs, Main.Registry, Main.Policies, new RolloutStore(Main.Registry, Main.Store));
        var before = await assessment.RunAsync();
        Assert.Equal(0, before.Level);
        Assert.Equal("pipelines run", before.NextStep!.Name);

        await ReceiveAsync("d1");
        await engine.WorkAsync(default);
        await Main.DriveAsync();
        var run = Assert.Single(await Main.ListRunsAsync());
        Folder.Write("model/MLmodel", "flavors: {}\n");
        var version = await Main.Registry.RegisterAsync(
            new RegisterRequest
            {
                Name = "m",
                ModelDirectory = Folder.At("model"),
                RunId = run.Id,
                RequestId = "r",
            }
        );
        var inside = await assessment.RunAsync();
        Assert.Equal(0, inside.Level);
        Assert.Equal("production versions come from a pipeline", inside.NextStep!.Name);

        await Main.Registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = "m",
                Version = version.Version,
                Stage = Stage.Production,
                By = "alice",
                Why = "auc 0.88 against 0.80, p = 0.01",
            }
        );
        var after = await assessment.RunAsync();
        Assert.Equal(2, after.Level);
        Assert.Contains(after.Criteria, c => c.Level == 2 && c.Evidence.Contains(Sha[..8], StringComparison.Ordinal));
        Assert.Equal("observations start retraining", after.NextStep!.Name);
    }

    [Fact]
    public async Task A_redelivery_and_a_second_host_start_nothing_again()
    {
        Assert.True(await Hooks.ReceiveAsync("d1", Push()));
        Assert.False(await Hooks.ReceiveAsync("d1", Push()));
        var other = EngineOf(await HostAsync());
        await Task.WhenAll(engine.WorkAsync(default), other.WorkAsync(default));
        Assert.Single(await Main.ListRunsAsync());
        await Main.DriveAsync();
        await engine.WorkAsync(default);
        await other.WorkAsync(default);
        Assert.Single(github.Comments);
    }

    [Fact]
    public async Task A_host_that_died_between_the_comment_and_its_record_comments_once()
    {
        await ReceiveAsync("d1");
        await engine.WorkAsync(default);
        var run = Assert.Single(await Main.ListRunsAsync());
        await Main.DriveAsync();
        github.Comments.Add($"<!-- mlops {run.Id} -->\nfrom the host that died");
        Assert.False(await engine.WorkAsync(default));
        Assert.Single(github.Comments);
        Assert.Equal("success", github.Statuses[^1].State);
    }

    [Fact]
    public async Task GitHub_away_for_a_while_loses_nothing()
    {
        await ReceiveAsync("d1");
        // More than the client's own attempts.
        github.Broken = 4;
        Assert.True(await engine.WorkAsync(default));
        Assert.Empty(await Main.ListRunsAsync());
        Assert.True(await engine.WorkAsync(default));
        Assert.Single(await Main.ListRunsAsync());
    }

    [Fact]
    public async Task A_pipeline_file_that_is_wrong_is_told_on_the_commit_with_its_line()
    {
        github.Files["model/dvc.yaml"] = "stages:\n  score: {cmd: echo, deps: 5}\n";
        await ReceiveAsync("d1");
        Assert.False(await engine.WorkAsync(default));
        Assert.Empty(await Main.ListRunsAsync());
        Assert.Equal("error", Assert.Single(github.Statuses).State);
        Assert.Contains("dvc.yaml:2", github.Statuses[0].Description, StringComparison.Ordinal);
        Assert.DoesNotContain(Folder.Root, github.Statuses[0].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_run_is_a_failure_on_the_commit()
    {
        github.Files["model/dvc.yaml"] = "stages:\n  score: {cmd: exit 3, deps: [code.py], outs: [x]}\n";
        await ReceiveAsync("d1");
        await engine.WorkAsync(default);
        await Main.DriveAsync();
        Assert.False(await engine.WorkAsync(default));
        Assert.Equal("failure", github.Statuses[^1].State);
    }

    [Fact]
    public async Task A_commit_with_a_path_that_leads_out_of_it_is_refused()
    {
        github.Files["../../evil"] = "x";
        await ReceiveAsync("d1");
        Assert.False(await engine.WorkAsync(default));
        Assert.Empty(await Main.ListRunsAsync());
        Assert.Contains("outside", (await Hooks.FindAsync("d1"))!.Note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("main", "model/code.py", true)]
    [InlineData("main", "docs/x.md", false)]
    [InlineData("feature/x", "model/code.py", false)]
    public async Task Only_the_branch_and_paths_of_a_hook_start_its_pipeline(string branch, string changed, bool starts)
    {
        await Hooks.ReceiveAsync("d1", Push() with { Branch = branch, Changed = [changed] });
        await engine.WorkAsync(default);
        Assert.Equal(starts ? 1 : 0, (await Main.ListRunsAsync()).Count);
        Assert.Equal(starts ? 1 : 0, github.Downloads);
    }

    [Fact]
    public void A_file_of_hooks_with_errors_tells_them_all()
    {
        var e = Assert.Throws<ServerlessException>(() =>
            HookReader.Read(
                "hooks:\n  - {name: a, repository: acme}\n  - {name: a, repository: x/y, pipeline: ../z, brnch: q}\n",
                "hooks.yaml"
            )
        );
        Assert.Equal(4, e.Diagnostics.Count);
        Assert.All(e.Diagnostics, d => Assert.True(d.Line is 2 or 3));
    }

    private HookStore Hooks => new(Main.Store, Main.Time);

    private Task ApplyAsync(string hook) => Hooks.ApplyAsync(HookReader.Read($"hooks:\n{hook}\n", "hooks.yaml"));

    private Task<bool> ReceiveAsync(string id) => Hooks.ReceiveAsync(id, Push());

    private HookEngine EngineOf(Host host) =>
        new(
            new HookEngineOptions
            {
                Store = host.Store,
                Runs = host.Runs,
                Registry = host.Registry,
                Catalog = Host.Catalog,
                Github = client,
                WorkRoot = Folder.At("work"),
                Time = host.Time,
            }
        );

    private static GithubPush Push() =>
        GithubPush.Read(
            Encoding.UTF8.GetBytes(
                $$"""
                {"ref": "refs/heads/main", "after": "{{Sha}}", "repository": {"full_name": "acme/churn"}, "pusher": {"name": "alice"},
                 "commits": [{"added": ["model/new.py"], "modified": ["README.md"], "removed": []}]}
                """
            )
        )!;
}
