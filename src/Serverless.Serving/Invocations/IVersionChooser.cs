using Serverless.Core;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Invocations;

/// <summary>The version chosen for a request.</summary>
/// <param name="Why">The reason, for logs and the response: `production`, `canary`, `query`.</param>
/// <param name="IsRouted">True if the version was chosen by routing. False if the request named it, so that it does not count for a
/// rollout.</param>
public readonly record struct VersionChoice(int Version, string Why, bool IsRouted = true);

/// <summary>
/// Chooses the version for a request that names none. It runs on the path of every request, so it must answer from memory. The same key
/// gets the same version as long as nothing changes.
/// </summary>
public interface IVersionChooser
{
    /// <param name="model">The model's state as cached by this host.</param>
    /// <param name="requestKey">The key that identifies the caller.</param>
    ValueTask<VersionChoice> ChooseAsync(ModelState model, string requestKey, CancellationToken cancellationToken);
}

/// <summary>Always chooses the version in Production.</summary>
public sealed class ProductionChooser : IVersionChooser
{
    public ValueTask<VersionChoice> ChooseAsync(ModelState model, string requestKey, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new VersionChoice(ProductionOf(model).Version, "production"));

    public static ModelVersion ProductionOf(ModelState model) =>
        model.Latest(Stage.Production)
        ?? throw ServerlessException.NotFound(
            $"'{model.Model.Name}' has no version in Production. Available: {VersionQuery.Existing(model)}.",
            "Promote a version, or name one with ?version=, ?stage= or ?alias=."
        );
}
