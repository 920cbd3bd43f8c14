namespace Serverless.Benchmarks.Data;

/// <summary>What one command cost: seconds by the clock and of the processor, and the most memory.</summary>
internal readonly record struct Measured(double Wall, double Cpu, long PeakBytes);

/// <summary>One line of the table. A room that has more to measure adds its own list of rows in Program.cs.</summary>
/// <param name="Dvc">DVC 3.64's seconds for the same, measured once on a machine like this one; null if it has no such command.</param>
/// <param name="Reach">What is aimed at, seconds.</param>
/// <param name="Measure">Prepares folders of its own and measures one command.</param>
/// <param name="IsSlow">Only measured when named.</param>
internal sealed record Row(string What, double? Dvc, double Reach, Func<Bench, Measured> Measure, bool IsSlow = false);
