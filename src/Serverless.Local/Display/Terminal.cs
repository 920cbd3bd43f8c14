using Serverless.Core;
using Spectre.Console;

namespace Serverless.Local.Display;

/// <summary>The terminal: results go to standard output, everything else to standard error.</summary>
internal static class Terminal
{
    private const long LittleSpace = 1 << 20;

    /// <summary>A pipe has no width: lines and tables must not wrap at 80 columns.</summary>
    private const int PipeWidth = 10_000;

    public static IAnsiConsole Error { get; } = Create(Console.Error, Console.IsErrorRedirected);

    public static IAnsiConsole Out { get; } = Create(Console.Out, Console.IsOutputRedirected);

    /// <summary>True if standard output is an interactive terminal.</summary>
    public static bool IsInteractive => !Console.IsOutputRedirected && Out.Profile.Capabilities.Ansi;

    public static void Tell(string text) => Error.MarkupLineInterpolated($"[grey]{text}[/]");

    public static void Show(ServerlessException e)
    {
        Error.MarkupLineInterpolated($"[red]{e.Message}[/]");
        foreach (var finding in e.Diagnostics)
        {
            var at = finding.Line > 0 ? $"{Shorten(finding.File)}:{finding.Line}" : Shorten(finding.File);
            Error.MarkupLineInterpolated($"  [bold]{at}[/]: {finding.Message}");
            if (finding.Fix is not null)
            {
                Error.MarkupLineInterpolated($"    {finding.Fix}");
            }
        }

        if (e.Fix is not null)
        {
            Error.MarkupLineInterpolated($"{e.Fix}");
        }

        if (e.Code == ErrorCodes.TemporarilyUnavailable && IsDiskFull())
        {
            // Azurite only reports that it failed.
            Error.MarkupLineInterpolated($"The disk of {Environment.CurrentDirectory} is full. Free up space first.");
        }
    }

    private static bool IsDiskFull()
    {
        try
        {
            return new DriveInfo(Environment.CurrentDirectory).AvailableFreeSpace < LittleSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Makes file names relative to the current folder. In findings they are relative to the pipeline's folder.</summary>
    public static ServerlessException FromHere(ServerlessException e, string folder) =>
        e.Diagnostics.Count == 0
            ? e
            : new ServerlessException(
                e.Code,
                e.Message,
                e.Fix,
                e.Status,
                e.IsRetryable,
                [.. e.Diagnostics.Select(d => d with { File = Path.Combine(folder, d.File) })],
                e
            );

    private static string Shorten(string file)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, Path.GetFullPath(file));
        return Path.IsPathRooted(file) && relative.StartsWith("..", StringComparison.Ordinal) ? file : relative;
    }

    private static IAnsiConsole Create(TextWriter writer, bool isRedirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (isRedirected)
        {
            console.Profile.Width = PipeWidth;
        }

        return console;
    }
}
