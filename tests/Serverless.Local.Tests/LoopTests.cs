using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Engine;
using Serverless.Testing;
using Serverless.Training;

namespace Serverless.Local.Tests;

/// <summary>The sample's loop, by the script that a person runs: real processes, real traffic, a bake time made short.</summary>
public sealed class LoopTests(AzuriteFixture azurite) : HostTest(azurite)
{
    [Fact]
    public async Task Four_months_a_new_version_nothing_a_loser_and_a_rollback()
    {
        CopySample();
        Settings["PORT"] = "0";

        var loop = StartShell("sh samples/churn/loop.sh");

        await loop.SaysAsync("Model churn version 1 is in Production.");
        await loop.SaysAsync("== month 2: exit code");
        await loop.SaysAsync("== month 3: exit code");
        await loop.SaysAsync("== month 4: exit code");
        var ended = await loop.WaitAsync();
        Assert.True(ended.ExitCode == 0, ended.ToString());
        var months = ended.Output.Split("== month ").Where((_, i) => i % 2 == 1).ToList();
        Assert.Equal(4, months.Count);

        // Other customers: drift → run → verdict → canary → Production.
        AssertInOrder(
            months[0],
            "drift      fired on month-2.csv",
            "report     drift/churn/",
            "compare: succeeded",
            "verdict    Version 2 passed",
            "version 2 takes 5 % of the traffic",
            "version 2 takes 25 % of the traffic",
            "version 2 takes 100 % of the traffic",
            "version 2 replaced version 1 in Production",
            "settled    version 2 is in Production"
        );
        Assert.Contains("== month 2: exit code 0\n", ended.Output);

        // The customers of the first quarter: nothing starts.
        AssertInOrder(months[1], "did not fire on month-3.csv", "settled    version 2 is in Production");
        Assert.DoesNotContain("  run  ", months[1]);
        Assert.Contains("== month 3: exit code 0\n", ended.Output);

        // Scrambled answers: the challenger loses.
        AssertInOrder(months[2], "fired on month-4.csv", "verdict    The challenger lost", "settled    version 2 is in Production");
        Assert.DoesNotContain("canary", months[2]);
        Assert.Contains("== month 4: exit code 3\n", ended.Output);

        // Swapped answers: it passes the comparison, and is taken back in the canary.
        AssertInOrder(
            months[3],
            "fired on month-5.csv",
            "verdict    Version 3 passed",
            "version 3 takes 5 % of the traffic",
            "rolled back from version 3 to version 2: mean squared loss",
            "settled    version 2 is in Production"
        );
        Assert.Contains("== month 5: exit code 4\n", ended.Output);
        Assert.Contains("Production -> Archived", (await RunAsync("models", "churn")).Output);
    }

    [Fact]
    public async Task A_policy_beside_a_pipeline_comes_with_its_run_and_one_applied_by_hand_stays()
    {
        Folder.Write(
            "p/dvc.yaml",
            "stages:\n  a: {cmd: 'cat in.csv params.yaml > out.txt', deps: [in.csv], params: [lr], outs: [out.txt]}\n"
        );
        Folder.Write("p/in.csv", "a,b\n1,2\n");
        Folder.Write("p/params.yaml", "lr: 0.1\n");
        Folder.Write("p/policy.yaml", "model: m\ndata: {in.csv: d}\n");

        Assert.Equal(0, (await RunAsync("run", "p")).ExitCode);
        var shown = await RunAsync("policy", "show", "m");
        Folder.Write("p/policy.yaml", "model: m\ndata: {in.csv: d}\ndescription: by hand\n");
        var applied = await RunAsync("policy", "apply", "p");
        Folder.Write("p/policy.yaml", "model: m\ndata: {in.csv: d}\ndescription: later\n");
        await RunAsync("run", "p");
        var history = await RunAsync("policy", "history", "m");
        var trained = await RunAsync("train", "m", "--set", "params.lr=0.05", "--json");
        var decisions = await RunAsync("decisions", "m");

        Assert.Contains("Revision 1", shown.Output);
        Assert.Contains("revision 2", applied.Output);
        Assert.Matches(@"2 .*policy\.yaml", history.Output);
        Assert.DoesNotMatch("(?m)^ *3 ", history.Output);
        Assert.Equal("0.05", Parse(trained.Output).Run.Params["lr"]);
        Assert.Contains("manual  fired", decisions.Output);
        Assert.Contains("manual  ended", decisions.Output);
    }

    [Fact]
    public async Task An_upload_is_decided_on_at_once_and_what_is_refused_is_told_by_the_exit_code()
    {
        Folder.Write("p/dvc.yaml", "stages:\n  a: {cmd: 'cp in.csv out.csv', deps: [in.csv], outs: [out.csv]}\n");
        Folder.Write("p/in.csv", "a,b\n1,2\n3,4\n");
        Folder.Write("p/policy.yaml", "model: m\ndata: {in.csv: d}\ntriggers:\n  - new-data: {dataset: d, files: 1}\n");
        Folder.Write("good.csv", "a,b\n5,6\n");
        Folder.Write("bad.csv", "a\n5\n");
        await RunAsync("policy", "apply", "p");
        var host = Start("up", "--port", "0");
        await host.SaysAsync("is listening on");

        await RunAsync("drop", "good.csv", "--dataset", "d");
        var good = await RunAsync("watch", "m");
        await RunAsync("drop", "bad.csv", "--dataset", "d");
        var bad = await RunAsync("watch", "m");

        Assert.True(good.ExitCode == 0, good.ToString());
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("the column 'b' is missing", bad.Output);
        var datasets = new DatasetStore(await OpenStoreAsync());
        // The store tells times in whole seconds; on a busy machine the tick comes late, and docs/policies.md has what a quiet one needs.
        Assert.All(
            await datasets.ListUploadsAsync("d"),
            u => Assert.InRange(u.ReadAt - u.UploadedAt, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(30))
        );
        Assert.False(host.HasExited, host.Error);
    }

    [Fact]
    public async Task What_was_decided_while_its_upload_counts_as_unanswered_is_told_by_watch()
    {
        Folder.Write("p/dvc.yaml", "stages:\n  a: {cmd: 'cp in.csv out.csv', deps: [in.csv], outs: [out.csv]}\n");
        Folder.Write("p/in.csv", "a,b\n1,2\n3,4\n");
        Folder.Write("p/policy.yaml", "model: m\ndata: {in.csv: d}\ntriggers:\n  - new-data: {dataset: d, files: 1}\n");
        await RunAsync("policy", "apply", "p");
        var store = await OpenStoreAsync();
        await using var workspaces = new Api.Hosting.Workspaces(store, TimeProvider.System, new Api.Hosting.ApiOptions())
        {
            PolicyEngines = services => new PolicyEngine(
                services.PolicyOptions(
                    new Pipelines.Components.ComponentCatalog().AddTraining(),
                    Folder.At("work"),
                    (_, _) => throw new InvalidOperationException("The host died here.")
                )
            ),
        };
        using var body = new MemoryStream("a,b\n5,6\n"u8.ToArray());
        var blob = await store.Inbox.UploadAsync("d", "good.csv", body);
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            new InboxHandler(workspaces.Get(store.Workspace).Engine).HandleAsync(blob)
        );

        var watch = Start("watch", "m");
        await watch.SaysAsync("Watching m");
        var host = Start("up", "--port", "0");
        var ended = await watch.WaitAsync();

        Assert.True(ended.ExitCode == 0, ended.ToString());
        AssertInOrder(ended.Output, "fired on good.csv", "a: succeeded", "verdict    The run finished");
        Assert.False(host.HasExited, host.Error);
    }

    private void CopySample()
    {
        var source = RepositoryRoot();
        foreach (
            var file in (string[])
                [
                    "dvc.yaml",
                    "params.yaml",
                    "schema.yaml",
                    "policy.yaml",
                    "loop.sh",
                    "data/telco-churn.csv",
                    "month-2.csv",
                    "month-3.csv",
                    "month-4.csv",
                    "month-5.csv",
                    "traffic.csv",
                ]
        )
        {
            var text = File.ReadAllText(Path.Combine(source, "samples", "churn", file));
            // Which callers come to which version is drawn anew in each rollout, and a busy machine answers in bursts: what the story does
            // not show is not tested, so that chance has no say in it.
            Folder.Write(
                "samples/churn/" + file,
                file == "policy.yaml"
                    ? text.Replace("bake: 12s", "bake: 5s")
                        .Replace("minimum_requests: 100", "minimum_requests: 60")
                        .Replace("latency: {margin: 100%}", "latency: {enabled: false}\n  sample_ratio_alpha: 0")
                    : text
            );
        }
    }

    private static void AssertInOrder(string text, params string[] parts)
    {
        var at = 0;
        foreach (var part in parts)
        {
            var found = text.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"'{part}' is not (in order) in\n{text}");
            at = found + part.Length;
        }
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
