namespace Serverless.Tracking.Models;

/// <summary>
/// How a model's requests are shared while a challenger takes over. It is a part of the model's row, so that whoever knows the model
/// knows it, and it never disagrees with the stages of its versions.
/// </summary>
/// <param name="Id">The rollout.</param>
/// <param name="Step">Which step of it, from 1.</param>
/// <param name="Champion">The version that answers the rest.</param>
/// <param name="Challenger">The version that answers <paramref name="Share"/> of the requests.</param>
/// <param name="Share">From 0 to 1.</param>
/// <param name="BreakerErrorRate">More failures than this share of the last answers take the challenger back at once.</param>
/// <param name="BreakerLast">Of how many last answers.</param>
public sealed record TrafficSplit(
    string Id,
    int Step,
    int Champion,
    int Challenger,
    double Share,
    double BreakerErrorRate,
    int BreakerLast
);
