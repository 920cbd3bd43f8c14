using Serverless.Core;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Tracking.Tests;

public sealed class ModelRegistryTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly TestFolder folder = new();
    private Store store = null!;
    private ModelRegistry registry = null!;

    public async ValueTask InitializeAsync()
    {
        store = await azurite.OpenStoreAsync();
        registry = new ModelRegistry(store, TimeProvider.System);
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_model_folder_becomes_a_version_and_comes_back_as_it_was()
    {
        var version = await RegisterAsync("churn", "r1", "weights");

        Assert.Equal((1, Stage.None, "run1"), (version.Version, version.Stage, version.RunId));
        Assert.Equal(version.CardDigest, (await store.Content.PutBytesAsync("# card"u8.ToArray())).Digest);
        await registry.DownloadAsync(version, folder.At("back"));
        Assert.Equal("weights", await File.ReadAllTextAsync(folder.At("back", "model.bin")));
        Assert.Equal(version.Digest, (await registry.FindVersionAsync("churn", 1))!.Digest);
        Assert.Equal(1, (await registry.FindByDigestAsync("churn", version.Digest))!.Version);
        Assert.Null(await registry.FindByDigestAsync("churn", "other"));
        Assert.Null(await registry.FindVersionAsync("churn", 2));
        Assert.Null(await registry.FindVersionAsync("unknown", 1));
        Assert.Equal("churn", Assert.Single(await registry.ListAsync()).Name);
    }

    [Fact]
    public async Task The_same_request_makes_one_version_however_often_and_however_fast_it_comes()
    {
        var versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RegisterAsync("churn", "same", "w")));

        Assert.All(versions, v => Assert.Equal(1, v.Version));
        Assert.Single(await registry.ListVersionsAsync("churn"));
        Assert.Single(await registry.ListAuditAsync("churn"), a => a.Action == "register");
    }

    [Fact]
    public async Task Eight_registrations_at_once_get_eight_numbers()
    {
        await RegisterAsync("churn", "first", "w");

        var versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => RegisterAsync("churn", $"r{i}", $"w{i}")));

        Assert.Equal(Enumerable.Range(2, 8), versions.Select(v => v.Version).Order());
        Assert.Equal(Enumerable.Range(1, 9).Reverse(), (await registry.ListVersionsAsync("churn")).Select(v => v.Version));
        Assert.Equal(9, (await registry.ListAsync()).Single().LastVersion);
        Assert.Equal(9, (await registry.ListAuditAsync("churn")).Count(a => a.Action == "register"));
    }

    [Fact]
    public async Task A_number_is_never_used_again()
    {
        await RegisterAsync("churn", "r1", "w1");
        var second = await RegisterAsync("churn", "r2", "w2");
        await registry.Versions.DeleteAsync("churn", 2, Actor.Anonymous);

        Assert.Equal(3, (await RegisterAsync("churn", "r3", "w3")).Version);
        // What was deleted is registered anew, under a new number.
        Assert.Equal(4, (await RegisterAsync("churn", "r2", "w2")).Version);
        Assert.Equal(2, second.Version);
    }

    [Fact]
    public async Task A_promotion_archives_what_stood_there_in_the_same_write_and_tells_who_did_it()
    {
        await RegisterAsync("churn", "r1", "w1");
        await RegisterAsync("churn", "r2", "w2");
        await PromoteAsync("churn", 1);

        var promoted = await PromoteAsync("churn", 2);
        var again = await PromoteAsync("churn", 2);

        Assert.Equal((Stage.Production, Stage.Production), (promoted.Stage, again.Stage));
        Assert.Equal([Stage.Production, Stage.Archived], (await registry.ListVersionsAsync("churn")).Select(v => v.Stage));
        Assert.Equal(2, (await registry.GetLatestAsync("churn", Stage.Production))!.Version);
        Assert.Null(await registry.GetLatestAsync("churn", Stage.Staging));
        var audit = await registry.ListAuditAsync("churn");
        Assert.Equal(6, audit.Count);
        Assert.Contains(
            audit,
            a =>
                a
                    is {
                        Action: "transition",
                        Version: 2,
                        From: nameof(Stage.None),
                        To: nameof(Stage.Production),
                        By: "tester",
                        Why: "better"
                    }
        );
        Assert.Contains(
            audit,
            a =>
                a
                    is {
                        Action: "transition",
                        Version: 1,
                        From: nameof(Stage.Production),
                        To: nameof(Stage.Archived),
                        Why: "version 2 replaced it"
                    }
        );
    }

    [Fact]
    public async Task Promotions_at_the_same_time_never_leave_two_versions_in_production()
    {
        for (var round = 0; round < 3; round++)
        {
            var name = $"model{round}";
            for (var i = 1; i <= 4; i++)
            {
                await RegisterAsync(name, $"r{i}", $"w{i}");
            }

            await Task.WhenAll(Enumerable.Range(1, 4).Select(i => PromoteAsync(name, i)));

            var versions = await registry.ListVersionsAsync(name);
            var champion = Assert.Single(versions, v => v.Stage == Stage.Production);
            Assert.All(versions.Where(v => v != champion), v => Assert.Equal(Stage.Archived, v.Stage));
            // Four promotions, three of which were overtaken.
            var moves = (await registry.ListAuditAsync(name)).Where(a => a.Action == "transition").ToList();
            Assert.Equal((4, 3), (moves.Count(m => m.To == nameof(Stage.Production)), moves.Count(m => m.To == nameof(Stage.Archived))));
        }
    }

    [Fact]
    public async Task Without_archiving_versions_may_stand_side_by_side()
    {
        await RegisterAsync("churn", "r1", "w1");
        await RegisterAsync("churn", "r2", "w2");
        await registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = "churn",
                Version = 1,
                Stage = Stage.Staging,
                By = "tester",
            }
        );
        await registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = "churn",
                Version = 2,
                Stage = Stage.Staging,
                By = "tester",
            }
        );

        Assert.Equal([Stage.Staging, Stage.Staging], (await registry.ListVersionsAsync("churn")).Select(v => v.Stage));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a/b")]
    [InlineData("a:b")]
    public async Task A_name_that_no_address_can_hold_is_refused(string name)
    {
        var e = await Assert.ThrowsAsync<ServerlessException>(() => RegisterAsync(name, "r", "w"));
        Assert.Equal(ErrorCodes.InvalidParameterValue, e.Code);
        Assert.NotNull(e.Fix);
    }

    [Fact]
    public async Task Names_may_hold_anything_else()
    {
        const string name = "Größe #1 | 100% ? ~ 'x' \\";
        await RegisterAsync(name, "request/1?#", "w");
        await PromoteAsync(name, 1);

        Assert.Equal(name, (await registry.ListAsync()).Single().Name);
        Assert.Equal(1, (await registry.GetLatestAsync(name, Stage.Production))!.Version);
    }

    [Fact]
    public async Task What_is_not_registered_cannot_be_promoted()
    {
        var model = await Assert.ThrowsAsync<ServerlessException>(() => PromoteAsync("unknown", 1));
        await RegisterAsync("churn", "r1", "w");
        var version = await Assert.ThrowsAsync<ServerlessException>(() => PromoteAsync("churn", 7));

        Assert.Equal((404, 404), (model.Status, version.Status));
        Assert.Contains("version=7", version.Message);
        Assert.Empty(await registry.ListVersionsAsync("unknown"));
        Assert.DoesNotContain(await registry.ListAuditAsync("churn"), a => a.Action == "transition");
    }

    private Task<ModelVersion> RegisterAsync(string name, string request, string weights)
    {
        var directory = $"models/{weights}";
        lock (folder)
        {
            if (!File.Exists(folder.At("models", weights, "model.bin")))
            {
                folder.Write($"{directory}/model.bin", weights);
                folder.Write($"{directory}/README.md", "# card");
            }
        }

        return registry.RegisterAsync(
            new RegisterRequest
            {
                Name = name,
                ModelDirectory = folder.At("models", weights),
                RequestId = request,
                RunId = "run1",
            }
        );
    }

    private Task<ModelVersion> PromoteAsync(string name, int version) =>
        registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = name,
                Version = version,
                Stage = Stage.Production,
                ArchiveExisting = true,
                By = "tester",
                Why = "better",
            }
        );
}
