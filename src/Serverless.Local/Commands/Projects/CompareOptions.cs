using System.CommandLine;
using Serverless.Local.Display;

namespace Serverless.Local.Commands.Projects;

/// <summary>The options that comparing commands share.</summary>
internal static class CompareOptions
{
    public static (Argument<string> Old, Argument<string> New) Revisions() =>
        (
            new Argument<string>("a_rev") { Description = "The old revision.", DefaultValueFactory = _ => "HEAD" },
            new Argument<string>("b_rev") { Description = "The new revision.", DefaultValueFactory = _ => "workspace" }
        );

    public static Option<string[]> Targets(string what) =>
        new("--targets") { Description = $"Only these files of {what}.", AllowMultipleArgumentsPerToken = true };

    public static Option<bool> Json() => new("--json") { Description = "As JSON." };

    public static Option<bool> Markdown() => new("--md") { Description = "As a table of Markdown." };

    public static Option<bool> NoPath() => new("--no-path") { Description = "Without the column of paths." };

    public static Option<int?> Precision() => new("--precision") { Description = "Digits behind the point (default: 5)." };

    public static void TellFailed(IReadOnlyList<string> revisions, string what)
    {
        if (revisions.Count > 0)
        {
            Terminal.Tell($"Some {what} could not be read in these revisions: {string.Join(", ", revisions.Select(r => $"'{r}'"))}.");
        }
    }
}
