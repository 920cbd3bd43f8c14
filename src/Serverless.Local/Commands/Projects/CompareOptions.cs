using System.CommandLine;
using Serverless.Local.Display;

namespace Serverless.Local.Commands.Projects;

/// <summary>Options shared by the commands that compare revisions.</summary>
internal static class CompareOptions
{
    public static (Argument<string> Old, Argument<string> New) Revisions() =>
        (
            new Argument<string>("a_rev") { Description = "Old revision.", DefaultValueFactory = _ => "HEAD" },
            new Argument<string>("b_rev") { Description = "New revision.", DefaultValueFactory = _ => "workspace" }
        );

    public static Option<string[]> Targets(string what) =>
        new("--targets") { Description = $"Compare only these {what} files.", AllowMultipleArgumentsPerToken = true };

    public static Option<bool> Json() => new("--json") { Description = "Write JSON." };

    public static Option<bool> Markdown() => new("--md") { Description = "Write a Markdown table." };

    public static Option<bool> NoPath() => new("--no-path") { Description = "Omit the path column." };

    public static Option<int?> Precision() => new("--precision") { Description = "Number of decimal places. [default: 5]" };

    public static void TellFailed(IReadOnlyList<string> revisions, string what)
    {
        if (revisions.Count > 0)
        {
            Terminal.Tell($"Some {what} could not be read in these revisions: {string.Join(", ", revisions.Select(r => $"'{r}'"))}.");
        }
    }
}
