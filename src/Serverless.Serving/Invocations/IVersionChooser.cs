using Serverless.Core;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Invocations;

/// <summary>Which version answers a request.</summary>
/// <param name="Why">A word for logs and the response: `production`, `canary`, `query`.</param>
/// <param name="IsRouted">True if it was chosen for the request; false if the request named it, which says nothing about a rollout.</param>
public readonly record struct VersionChoice(int Version, string Why, bool IsRouted = true);

/// <summary>
/// Decides which version answers a request that names none. It is asked on the path of every request, so it answers from memory; the
/// same key gets the same version as long as nothing changes.
/// </summary>
public interface IVersionChooser
{
    /// <param name="model">The model as this host knows it now.</param>
    /// <param name="requestKey">What a caller is recognised by.</param>
    ValueTask<VersionChoice> ChooseAsync(ModelState model, string requestKey, CancellationToken cancellationToken);
}

/// <summary>Everybody gets the version in Production.</summary>
public sealed class ProductionChooser : IVersionChooser
{
    public ValueTask<VersionChoice> ChooseAsync(ModelState model, string requestKey, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new VersionChoice(ProductionOf(model).Version, "production"));

    public static ModelVersion ProductionOf(ModelState model) =>
        model.Latest(Stage.Production)
        ?? throw ServerlessException.NotFound(
            $"'{model.Model.Name}' has no version in Production. It has {VersionQuery.Existing(model)}.",
            "Promote a version, or name one with ?version=, ?stage= or ?alias=."
        );
}
