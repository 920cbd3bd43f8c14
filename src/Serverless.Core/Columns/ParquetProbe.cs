using System.Diagnostics;
using System.Globalization;

namespace Serverless.Core.Columns;

/// <summary>
/// Reads a Parquet file that somebody else wrote in a process of its own first, which is killed at its deadline: the reader is a
/// library that looks at no token while it decodes, and a thread cannot be ended from outside. Only what was read to its end
/// there is read here. <see cref="ParquetCheck"/> has refused what is known to harm; this is for what is not known.
/// </summary>
public static class ParquetProbe
{
    /// <summary>The verb of our own program that does the reading.</summary>
    public const string Verb = "read-table";

    private const int Refused = 3;

    /// <summary>
    /// The program and its first arguments; null where there is none, as in a cloud's worker, which its platform ends at the
    /// timeout of the function.
    /// </summary>
    public static IReadOnlyList<string>? Program { get; set; }

    /// <summary>The child's part.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ReadAsync(string path)
    {
        try
        {
            await ColumnReader.ReadAsync(path);
            return 0;
        }
        catch (ServerlessException)
        {
            // Whoever asked finds the same, and says it.
            return Refused;
        }
    }

    internal static async Task RunAsync(IReadOnlyList<string> program, string path, TimeSpan limit, CancellationToken cancellationToken)
    {
        var source = ColumnSource.FromFile(path);
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(program[0], [.. program.Skip(1), Verb, path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        process.Start();
        // Nobody reads what it says; a full pipe must not stop it.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw source.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"The Parquet file was not read within {limit.TotalSeconds} s."),
                "Write it again; if it is sound, split it."
            );
        }

        if (process.ExitCode is not (0 or Refused))
        {
            throw source.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"The Parquet file ended its reader (exit code {process.ExitCode})."),
                "Write it again; if it is sound, split it."
            );
        }
    }
}
