using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Tracking.Tests;

/// <summary>A request for a version that comes again because its answer was lost makes no second one; two requests make two.</summary>
public sealed class VersionRetryTests(AzuriteFixture azurite)
{
    /// <summary>It stands still: "a moment ago" must not depend on how busy the machine is.</summary>
    private sealed class Clock : TimeProvider
    {
        private readonly DateTimeOffset start = TimeProvider.System.GetUtcNow();

        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => start + Ahead;
    }

    [Fact]
    public async Task Only_a_request_whose_answer_was_not_sent_is_recognised()
    {
        var (store, clock) = (await azurite.OpenStoreAsync(), new Clock());
        var (one, other) = (new ModelRegistry(store, clock), new ModelRegistry(store, clock));
        await one.Models.CreateAsync("m", null, new Dictionary<string, string>(), Actor.Anonymous);

        // Answered: the same once more is another version, as with MLflow.
        for (var number = 1; number <= 2; number++)
        {
            var answered = new UnansweredRequest("same");
            var (model, version) = await CreateAsync(one, answered);
            Assert.Equal(number, version.Version);
            await one.Versions.AnsweredAsync(model, answered);
        }

        // Still being answered, here or by another host a moment ago: they are two.
        var (lost, twin) = (new UnansweredRequest("same"), new UnansweredRequest("same"));
        Assert.Equal(3, (await CreateAsync(one, lost)).Version.Version);
        var (twins, made) = await CreateAsync(one, twin);
        Assert.Equal(4, made.Version);
        await one.Versions.AnsweredAsync(twins, twin);
        Assert.Equal(5, (await CreateAsync(other, new UnansweredRequest("same"))).Version.Version);
        Assert.Equal(6, (await CreateAsync(one, new UnansweredRequest("else"))).Version.Version);

        // The answer of the first one was lost, and its client asks again: any host gives the same.
        one.Versions.NotAnswered(lost);
        clock.Ahead = TimeSpan.FromSeconds(2);
        foreach (var registry in (ModelRegistry[])[other, one])
        {
            Assert.Equal(3, (await CreateAsync(registry, new UnansweredRequest("same"))).Version.Version);
        }

        Assert.Equal(6, (await one.Models.GetAsync("m")).Versions.Count);

        // Nobody sends it again after so long; and what was deleted is made anew.
        clock.Ahead = UnansweredRequest.Lifetime + TimeSpan.FromSeconds(5);
        Assert.Equal(7, (await CreateAsync(other, new UnansweredRequest("same"))).Version.Version);
    }

    [Fact]
    public async Task A_retry_whose_answer_arrives_ends_the_matter()
    {
        var (store, clock) = (await azurite.OpenStoreAsync(), new Clock());
        var registry = new ModelRegistry(store, clock);
        await registry.Models.CreateAsync("m", null, new Dictionary<string, string>(), Actor.Anonymous);
        var (lost, again) = (new UnansweredRequest("x"), new UnansweredRequest("x"));
        await CreateAsync(registry, lost);
        registry.Versions.NotAnswered(lost);
        clock.Ahead = TimeSpan.FromSeconds(2);

        var (model, version) = await CreateAsync(registry, again);
        await registry.Versions.AnsweredAsync(model, again);

        Assert.Equal(1, version.Version);
        Assert.Equal(2, (await CreateAsync(registry, new UnansweredRequest("x"))).Version.Version);
    }

    private static Task<(ModelState Model, ModelVersion Version)> CreateAsync(ModelRegistry registry, UnansweredRequest request) =>
        registry.Versions.CreateAsync(
            new CreateVersionRequest
            {
                Name = "m",
                Source = "s3://b/m",
                Unanswered = request,
            },
            Actor.Anonymous
        );
}
