using Microsoft.ML;
using Microsoft.ML.Data;
using Serverless.Automation.Inbox;
using Serverless.Automation.Policies.Records;
using Serverless.Testing;
using Serverless.Tracking.Models;
using Serverless.Training.Models;

namespace Serverless.Automation.Tests;

/// <summary>
/// A champion that cannot be read, or gives no numbers: told with its reason, and never a reason to promote what comes along.
/// </summary>
public sealed class BrokenModelTests(AzuriteFixture azurite) : LearningTest(azurite)
{
    private const string Weighted =
        "triggers:\n  - drift: {dataset: d, reference: data/train.csv, share: 0.3, weights: importance}\nalerts: [{webhook: "
        + "'env:HOOK', on: [model.*, run.*]}]";

    [Theory]
    [InlineData("unreadable", "version 2 cannot be used: The model 'model.zip' cannot be loaded")]
    [InlineData("NaN", "version 2 cannot be used: it predicted NaN for 400 of 400 rows.")]
    public async Task Drift_that_cannot_be_weighed_counts_all_columns_alike_and_says_so(string kind, string why)
    {
        await LearnAsync(Weighted);
        await BreakAsync(kind);

        var upload = await Main.TakeAsync("new.csv", Older());

        Assert.Equal(UploadState.Versioned, upload.State);
        Assert.False(upload.Drift[0].IsWeighted);
        var decision = (await Main.DecisionsAsync())[0];
        Assert.Contains($"; all columns count equally because {why}", decision.Why);
        Assert.DoesNotContain(Path.GetTempPath(), decision.Why);
        var alert = Assert.Single(await Main.Rollouts.Outbox.ListPendingAsync()).Alert;
        Assert.Equal("model.failed", alert.Event);
        Assert.Contains(why, alert.Text);
    }

    [Fact]
    public async Task Drift_is_weighed_by_what_the_champion_looks_at()
    {
        await LearnAsync(Weighted);

        var upload = await Main.TakeAsync("new.csv", Older());

        Assert.True(upload.Drift[0].IsWeighted);
        Assert.Null(upload.Drift[0].Unweighed);
        Assert.Empty(await Main.Rollouts.Outbox.ListPendingAsync());
    }

    [Theory]
    [InlineData("unreadable", "The champion, m version 2, cannot be compared on these rows: The model 'model.zip' cannot be loaded")]
    [InlineData("NaN", null)]
    public async Task A_challenger_of_a_broken_champion_is_not_promoted(string kind, string? why)
    {
        await LearnAsync("alerts: [{webhook: 'env:HOOK'}]");
        await BreakAsync(kind);

        await Main.Engine.TrainAsync(Host.Model, new Dictionary<string, string>(), "ann");
        await Main.DriveAsync();
        await Main.Engine.TickAsync();

        var ended = (await Main.DecisionsAsync())[0];
        Assert.Equal((DecisionOutcome.Ended, why is null ? RunUpshot.Lost : RunUpshot.Failed), (ended.Outcome, ended.Upshot));
        Assert.Contains(why ?? "undefined (NaN)", ended.Why);
        Assert.Contains(
            await Main.Rollouts.Outbox.ListPendingAsync(),
            d => d.Alert.Event == (why is null ? "challenger.lost" : "run.failed")
        );
        Assert.Equal(2, (await Main.Registry.GetLatestAsync(Host.Model, Stage.Production, default))!.Version);
    }

    /// <summary>Customers who are older: one of the four columns that the model reads.</summary>
    private static string Older() =>
        string.Join(
            '\n',
            TrainedModel
                .Customers(300, seed: 7)
                .Split('\n')
                .Select((l, i) => i == 0 || l.Length == 0 ? l : $"{70 + (i % 9)}{l[l.IndexOf(',', StringComparison.Ordinal)..]}")
        );

    private async Task BreakAsync(string kind)
    {
        using var folder = new TestFolder();
        var model = await TrainedModel.OfCustomersAsync(folder);
        var zip = Path.Combine(model, ModelManifest.ModelFile);
        if (kind == "NaN")
        {
            var ml = new MLContext(0);
            var rows = ml.Data.LoadFromEnumerable(Array.Empty<Asked>());
            ml.Model.Save(ml.Transforms.Expression("Probability", "(age) => sqrt(0f - 1f)", "age").Fit(rows), rows.Schema, zip);
        }
        else
        {
            await File.WriteAllTextAsync(zip, "this is no model");
        }

        await PutIntoProductionAsync(model);
    }

    private sealed class Asked
    {
        [ColumnName("age")]
        public float Age { get; set; }
    }
}
