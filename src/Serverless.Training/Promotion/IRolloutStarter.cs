namespace Serverless.Training.Promotion;

/// <summary>Starts rollouts for the <c>promote</c> component. Serving implements it; a host without it can promote at once only.</summary>
public interface IRolloutStarter
{
    /// <summary>Starts a rollout, or returns the open rollout of the same version.</summary>
    Task<RolloutStart> StartAsync(RolloutRequest request, CancellationToken cancellationToken = default);

    /// <summary>True if the model had a rollout with this ID, open or ended.</summary>
    Task<bool> ExistsAsync(string model, string id, CancellationToken cancellationToken = default);
}

/// <summary>How a rollout began.</summary>
/// <param name="Id">The rollout's ID.</param>
/// <param name="State">Its state, such as <c>Running</c>.</param>
/// <param name="Traffic">The challenger's share of the traffic, 0 to 1.</param>
/// <param name="IsPromoted">True if the version is in Production already.</param>
public sealed record RolloutStart(string Id, string State, double Traffic, bool IsPromoted);
