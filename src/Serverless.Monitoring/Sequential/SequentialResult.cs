namespace Serverless.Monitoring.Sequential;

/// <summary>
/// What a sequential test says at a look. It may be looked at as often as one likes: under the null hypothesis the chance that
/// <see cref="PValue"/> ever falls to alpha is at most alpha (Ville's inequality; Johari, Pekelis and Walsh, "Always valid inference",
/// 2015).
/// </summary>
public sealed record SequentialResult
{
    /// <summary>The logarithm of the mixture likelihood ratio: the evidence against the null hypothesis. -infinity at worst.</summary>
    public required double LogEvidence { get; init; }

    /// <summary>
    /// The challenger's mean less the champion's: above 0 is worse, for errors, latency and loss. NaN if there is nothing yet.
    /// </summary>
    public double Difference { get; init; } = double.NaN;

    /// <summary>Gets the number of observations of the champion.</summary>
    public long ChampionCount { get; init; }

    /// <summary>Gets the number of observations of the challenger.</summary>
    public long ChallengerCount { get; init; }

    /// <summary>Gets the always-valid p-value of this look, 1 / evidence.</summary>
    public double PValue => Math.Min(1, Math.Exp(-LogEvidence));

    public bool IsRejected(double alpha) => PValue <= alpha;
}
