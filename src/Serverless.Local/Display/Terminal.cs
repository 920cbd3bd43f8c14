using Spectre.Console;

namespace Serverless.Local;

/// <summary>The terminal: results go to standard output, everything else to standard error.</summary>
internal static class Terminal
{
    public static IAnsiConsole Error { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    public static IAnsiConsole Out { get; } = Wide(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) }));

    /// <summary>True if a person looks at standard output.</summary>
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
    }

    private static string Shorten(string file)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, file);
        return Path.IsPathRooted(file) && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : file;
    }

    /// <summary>A pipe has no width: tables keep theirs instead of being folded at 80 columns.</summary>
    private static IAnsiConsole Wide(IAnsiConsole console)
    {
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 200;
        }

        return console;
    }
}
