namespace Serverless.Benchmarks.Data;

/// <summary>What one command cost: seconds by the clock and of the processor, and the most memory.</summary>
internal readonly record struct Measured(double Wall, double Cpu, long PeakBytes);

/// <summary>One line of the table. A room that has more to measure adds its own list of rows in Program.cs.</summary>
/// <param name="Dvc">DVC 3.64's seconds for the same, measured once on a machine like this one when it was idle; null if they were
/// not.</param>
/// <param name="Reach">What is aimed at, seconds.</param>
/// <param name="Measure">Prepares folders of its own and measures one command of the bench's program.</param>
internal sealed record Row(string What, double? Dvc, double Reach, Func<Bench, Measured> Measure)
{
    /// <summary>Only measured when named, and not of DVC: it takes minutes.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Of DVC's own time what is aimed at, for rows where that is the aim.</summary>
    public double? OfDvc { get; init; }

    /// <summary>The most memory that is aimed at.</summary>
    public long? ReachBytes { get; init; }
}
