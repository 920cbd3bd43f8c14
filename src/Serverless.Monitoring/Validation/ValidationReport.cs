using System.Globalization;
using Serverless.Core;

namespace Serverless.Monitoring.Validation;

/// <summary>A violation of a rule.</summary>
public sealed record ValidationFinding
{
    /// <summary>Gets the column; null if the rule is about the rows as a whole.</summary>
    public string? Column { get; init; }

    /// <summary>Gets the rule, by a name of <see cref="ValidationRules"/>.</summary>
    public required string Rule { get; init; }

    /// <summary>Gets a sentence with the numbers.</summary>
    public required string Message { get; init; }

    /// <summary>Gets the number of rows or columns that violate the rule.</summary>
    public required long Count { get; init; }

    /// <summary>Gets the first rows that violate it, at most five. The first row after the header is row 1.</summary>
    public IReadOnlyList<int> FirstRows { get; init; } = [];

    /// <summary>Gets what to do about it.</summary>
    public required string Fix { get; init; }
}

/// <summary>All findings about data, in the order of the schema.</summary>
public sealed record ValidationReport(IReadOnlyList<ValidationFinding> Findings)
{
    /// <summary>Gets a value that indicates whether nothing is wrong.</summary>
    public bool Ok => Findings.Count == 0;

    /// <summary>Returns the findings of both reports.</summary>
    public ValidationReport And(ValidationReport other) => new([.. Findings, .. other.Findings]);

    /// <summary>Throws one error with all findings, if there are any.</summary>
    /// <param name="data">The name of the data in errors, for example a file path.</param>
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
