using System.Text;
using Serverless.Core;

namespace Serverless.Monitoring.Checks;

/// <summary>One thing that was looked at.</summary>
/// <param name="Name">What was looked at, in a few words.</param>
/// <param name="Passed">Whether it is as it should be; null if it could not be looked at, for the reason in the message.</param>
/// <param name="Message">What was found, with its figures.</param>
/// <param name="Fix">What would be right.</param>
public sealed record Check(string Name, bool? Passed, string Message, string? Fix = null);

/// <summary>What a set of checks found, for a person and for a build server.</summary>
public sealed record CheckReport(string Suite, IReadOnlyList<Check> Checks)
{
    public bool Ok => Checks.All(c => c.Passed != false);

    /// <summary>A table for the summary of a job or a comment on a change.</summary>
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
