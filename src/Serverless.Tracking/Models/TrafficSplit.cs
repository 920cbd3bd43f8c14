namespace Serverless.Tracking.Models;

/// <summary>
/// Describes how a model's requests are split while a challenger takes over. Part of the model's row, so it is always consistent with the
/// stages of its versions.
/// </summary>
/// <param name="Id">The id of the rollout.</param>
/// <param name="Step">The current step, from 1.</param>
/// <param name="Champion">The version that answers the other requests.</param>
/// <param name="Challenger">The version that answers <paramref name="Share"/> of the requests.</param>
/// <param name="Share">The challenger's share, from 0 to 1.</param>
/// <param name="BreakerErrorRate">The failure rate of recent responses above which the challenger is withdrawn immediately.</param>
/// <param name="BreakerLast">The number of recent responses that the failure rate is computed over.</param>
public sealed record TrafficSplit(
    string Id,
    int Step,
    int Champion,
    int Challenger,
    double Share,
    double BreakerErrorRate,
    int BreakerLast
);
