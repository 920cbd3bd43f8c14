using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Records;
using Serverless.Core;
using Serverless.Testing;

namespace Serverless.Automation.Tests;

/// <summary>What cannot be used is recorded with its reason, and starts nothing.</summary>
public sealed class BadInputTests(AzuriteFixture azurite) : PolicyTest(azurite)
{
    [Theory]
    [InlineData("empty.csv", "", "The file is empty")]
    [InlineData("rows.csv", "age,income,plan,left\n", "no rows")]
    [InlineData("broken.parquet", "PAR1 but no more", "broken.parquet")]
    [InlineData("broken.csv.gz", "not gzip", "not valid gzip")]
    [InlineData("pages.docx", "PK", ".docx")]
    [InlineData("ragged.csv", "age,income,plan,left\n1,2\n", "ragged.csv")]
    public async Task An_upload_that_is_empty_or_unreadable(string file, string text, string reason)
    {
        await ApplyAsync(Drift);

        var upload = await Main.TakeAsync(file, text);

        await AssertRefusedAsync(upload, reason);
        Assert.DoesNotContain("work/inbox-", upload.Reason);
    }

    [Fact]
    public async Task A_parquet_file_of_72_bytes_is_refused_and_the_next_file_is_read()
    {
        await ApplyAsync(Drift);
        byte[] bytes = [.. "PAR1"u8, .. Enumerable.Repeat((byte)0x1c, 64), 64, 0, 0, 0, .. "PAR1"u8];
        using var body = new MemoryStream(bytes);
        await Main.Store.Inbox.UploadAsync("d", "a.parquet", body);
        await Main.DropAsync("b.csv", Same(1));

        await new InboxWatch(Main.Engine, _ => { }).LookAsync();

        var uploads = (await Main.Datasets.ListUploadsAsync("d")).ToDictionary(u => u.File);
        Assert.Contains("has a wrong type", uploads["a.parquet"].Reason);
        Assert.Equal(UploadState.Versioned, uploads["b.csv"].State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_no_host_can_read_is_set_aside_after_three_tries(bool hostEnds)
    {
        await ApplyAsync(Drift);
        var blob = await Main.DropAsync("a.csv", Same(1));
        for (var i = 0; i < 3; i++)
        {
            // Each is a host that was started again.
            var host = await HostAsync(reached => Die(reached, "reading"));
            await Assert.ThrowsAsync<HostDied>(() => host.Inbox.HandleAsync(blob));
            if (hostEnds)
            {
                await ForgetWhyAsync(blob);
            }
        }

        Time.Advance(TimeSpan.FromMinutes(2));
        await new InboxWatch(Main.Engine, _ => { }).LookAsync();

        var upload = (await Main.Datasets.FindUploadAsync("d", blob.Key))!;
        Assert.Equal((UploadState.Refused, true), (upload.State, upload.IsAnswered));
        Assert.Contains("Set aside after 3 tries: " + (hostEnds ? "the host ended" : "HostDied"), upload.Reason);
    }

    /// <summary>What a host leaves that is killed while it reads.</summary>
    private async Task ForgetWhyAsync(Storage.Inbox.InboxBlob blob)
    {
        await foreach (
            var row in Main.Store.Policies.QueryAsync(
                Storage.Tables.Keys.Join(Main.Store.Workspace),
                Storage.Tables.Keys.Join("t", "d", blob.Key, "")
            )
        )
        {
            var begun = Storage.Tables.Row.Of(row.PartitionKey, row.RowKey, new { At = Time.GetUtcNow() });
            await Main.Store.Policies.CommitAsync(Storage.Tables.RowChange.Put(begun));
        }
    }

    [Theory]
    [InlineData("age,income,left\n30,10.5,no\n31,11.5,yes\n", "the column 'plan' is missing")]
    [InlineData("age,incone,plan,left\n30,10.5,pro,no\n", "the column 'income' is missing (is it now named 'incone'?)")]
    [InlineData("age,income,plan,left,city\n30,10.5,pro,no,Rome\n", "the column 'city' is new")]
    [InlineData("age,income,plan,left\nthirty,10.5,pro,no\n", "the column 'age' was whole numbers and is text")]
    [InlineData("age,income,plan,left\n30.5,10.5,1,no\n", "the column 'plan' was text and is whole numbers")]
    public async Task A_schema_that_changed(string text, string reason)
    {
        await ApplyAsync(Drift);

        var upload = await Main.TakeAsync("new.csv", text);

        Assert.True(upload.SchemaChanged);
        await AssertRefusedAsync(upload, reason);
    }

    [Fact]
    public async Task New_columns_are_taken_where_the_policy_allows_them()
    {
        await ApplyAsync(Drift, "data: {data/train.csv: {dataset: d, allow_new_columns: true}}");

        var upload = await Main.TakeAsync("new.csv", "age,income,plan,left,city\n30,10.5,pro,no,Rome\n31,10,pro,no,Rome\n");

        Assert.Equal(UploadState.Versioned, upload.State);
    }

    [Fact]
    public async Task A_reference_that_does_not_exist_any_more()
    {
        await ApplyAsync(Drift);
        var policy = await Main.Engine.LoadAsync(Host.Model, 1, default);
        await Main.Store.Content.DeleteAsync(policy.Pipeline.Sources["data/train.csv"].Digest);

        var upload = await Main.TakeAsync("new.csv", Same(2));

        await AssertRefusedAsync(upload, "The reference does not exist");
    }

    [Fact]
    public async Task A_policy_that_names_no_reference_or_another_models_pipeline_is_not_applied()
    {
        Folder.Write("p/policy.yaml", "model: m\ndata: {data/trian.csv: d}\ntriggers:\n  - drift: {dataset: d, reference: data/old.csv}\n");

        var error = await Assert.ThrowsAsync<ServerlessException>(() => Main.ApplyAsync(Folder.At("p")));

        Assert.Contains(error.Diagnostics, d => d is { Line: 2, Fix: "Did you mean 'data/train.csv'?" });
        Assert.Contains(error.Diagnostics, d => d.Line == 4 && d.Message.Contains("'data/old.csv' does not exist"));
        Assert.Null(await Main.Policies.FindAsync("m"));
    }

    [Fact]
    public async Task An_upload_of_a_dataset_that_no_policy_takes_is_kept_as_a_version()
    {
        using var body = new MemoryStream("a,b\n1,2\n"u8.ToArray());
        var blob = await Main.Store.Inbox.UploadAsync("other", "x.csv", body);

        var upload = await Main.Inbox.HandleAsync(blob);

        Assert.Equal((UploadState.Versioned, 1), (upload!.State, upload.Version));
    }

    [Fact]
    public async Task An_upload_that_is_gone_or_replaced_before_it_is_read_is_no_event()
    {
        await ApplyAsync(Drift);
        var first = await Main.DropAsync("a.csv", Same(1));
        var second = await Main.DropAsync("a.csv", Same(2));

        Assert.Null(await Main.Inbox.HandleAsync(first));
        Assert.Equal(1, (await Main.Inbox.HandleAsync(second))!.Version);
    }

    [Fact]
    public async Task A_run_that_cannot_be_started_is_told_and_the_model_is_free_again()
    {
        await ApplyAsync(Drift);
        await Main.Runs.Experiments.GetOrCreateAsync("p", default);
        await Main.Store.Content.DeleteAsync((await Main.Engine.LoadAsync(Host.Model, 1, default)).Pipeline.Definitions[0].Value.Digest);

        await Main.TakeAsync("a.csv", Drifted(1));
        await Main.Engine.TickAsync();

        Assert.Null((await Main.Policies.GetAsync(Host.Model)).Active);
        var ended = (await Main.DecisionsAsync())[0];
        Assert.Equal((DecisionOutcome.Ended, RunUpshot.Failed), (ended.Outcome, ended.Upshot));
        Assert.Contains("could not be started", ended.Why);
    }

    [Fact]
    public async Task Other_workspaces_have_inboxes_of_their_own()
    {
        await Main.DropAsync("a.csv", Same(1));
        var other = Main.Store.In("t-other-" + Ids.NewId()[..6]);

        Assert.Single(await Main.Store.Inbox.ListAsync());
        Assert.Empty(await other.Inbox.ListAsync());
        Assert.DoesNotContain(await Main.Store.In("default").Inbox.ListAsync(), b => b.Dataset == "w");
    }

    private async Task AssertRefusedAsync(UploadRecord upload, string reason)
    {
        Assert.Equal(UploadState.Refused, upload.State);
        Assert.Contains(reason, upload.Reason);
        var decision = Assert.Single(await Main.DecisionsAsync());
        Assert.Equal(DecisionOutcome.Refused, decision.Outcome);
        Assert.Contains(reason, decision.Why);
        Assert.Empty(await Main.Datasets.ListVersionsAsync("d"));
        Assert.Empty(await Main.ListRunsAsync());
    }
}
