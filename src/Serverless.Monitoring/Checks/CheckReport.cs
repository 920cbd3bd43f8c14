using System.Text;
using Serverless.Core;

namespace Serverless.Monitoring.Checks;

/// <summary>A single check and its result.</summary>
/// <param name="Name">The subject of the check, in a few words.</param>
/// <param name="Passed">Whether the check passed; null if it could not be made, for the reason in the message.</param>
/// <param name="Message">The finding, with its figures.</param>
/// <param name="Fix">What to do about it.</param>
public sealed record Check(string Name, bool? Passed, string Message, string? Fix = null);

/// <summary>The results of a set of checks, for people and for build servers.</summary>
public sealed record CheckReport(string Suite, IReadOnlyList<Check> Checks)
{
    public bool Ok => Checks.All(c => c.Passed != false);

    /// <summary>Returns a Markdown table for a job summary or a pull request comment.</summary>
    public string ToMarkdown()
    {
        var failed = Checks.Count(c => c.Passed == false);
        var text = new StringBuilder(
            $"### {Suite}: {(failed == 0 ? "passed" : $"{failed} of {Checks.Count} failed")}\n\n| | check | found |\n|---|---|---|\n"
        );
        foreach (var check in Checks)
        {
            var fix = check is { Passed: false, Fix: not null } ? $" **Fix:** {check.Fix}" : "";
            text.Append("| ")
                .Append(
                    check.Passed switch
                    {
                        true => "✅",
                        false => "❌",
                        null => "⏭️",
                    }
                )
                .Append(" | ")
                .Append(MarkdownText.Cell(check.Name))
                .Append(" | ")
                .Append(MarkdownText.Cell(check.Message + fix))
                .Append(" |\n");
        }

        return text.ToString();
    }
}
