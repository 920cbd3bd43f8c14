using System.Globalization;
using Serverless.Core;

namespace Serverless.Monitoring.Validation;

/// <summary>One rule that data break.</summary>
public sealed record ValidationFinding
{
    /// <summary>The column; null if the rule is about the rows as a whole.</summary>
    public string? Column { get; init; }

    /// <summary>The rule by a name of <see cref="ValidationRules"/>.</summary>
    public required string Rule { get; init; }

    /// <summary>A sentence with the numbers.</summary>
    public required string Message { get; init; }

    /// <summary>How many rows, or columns, break it.</summary>
    public required long Count { get; init; }

    /// <summary>The first rows that break it, at most five. The first row after the header is row 1.</summary>
    public IReadOnlyList<int> FirstRows { get; init; } = [];

    /// <summary>What to do about it.</summary>
    public required string Fix { get; init; }
}

/// <summary>All that is wrong with data, in the order of the schema.</summary>
public sealed record ValidationReport(IReadOnlyList<ValidationFinding> Findings)
{
    /// <summary>True if nothing is wrong.</summary>
    public bool Ok => Findings.Count == 0;

    /// <summary>The findings of both.</summary>
    public ValidationReport And(ValidationReport other) => new([.. Findings, .. other.Findings]);

    /// <summary>Throws one error that holds all findings, if there are any.</summary>
    /// <param name="data">What errors call the data: a file's path, say.</param>
    public void ThrowIfInvalid(string data)
    {
        if (Ok)
        {
            return;
        }

        var more = Findings.Count > 1 ? $" ({(Findings.Count - 1).ToString(CultureInfo.InvariantCulture)} more findings.)" : "";
        throw new ServerlessException(
            ErrorCodes.ValidationFailed,
            $"{data}: {Findings[0].Message}{more}",
            Findings[0].Fix,
            diagnostics: [.. Findings.Select(finding => new Diagnostic(data, 0, finding.Message, finding.Fix))]
        );
    }
}
