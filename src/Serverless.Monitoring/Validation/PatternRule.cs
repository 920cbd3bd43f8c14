using System.Text.RegularExpressions;
using Serverless.Core;
using Serverless.Core.Columns;

namespace Serverless.Monitoring.Validation;

/// <summary>Checks values as a whole against a regular expression.</summary>
internal static class PatternRule
{
    private const RegexOptions Options = RegexOptions.CultureInvariant;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public static ValidationFinding? Check(Column column, string pattern)
    {
        var regex = Compile(pattern);
        try
        {
            var wrong = ColumnRules.Find(column, row => !regex.IsMatch(column.GetText(row)!));
            return wrong.Count == 0
                ? null
                : wrong.Finding(
                    column.Name,
                    ValidationRules.Pattern,
                    $"{wrong.Counted} of column '{column.Name}' {(wrong.Count == 1 ? "does" : "do")} not match {pattern}: {wrong.Shown}.",
                    "Fix the values at their source, or fix the pattern."
                );
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new ServerlessException(
                ErrorCodes.InvalidParameterValue,
                $"Column '{column.Name}': matching {pattern} took more than {Limit.TotalSeconds} s for one value.",
                "Write the pattern without nested repetition, such as (a+)+.",
                inner: error
            );
        }
    }

    /// <summary>Compiles the pattern to run in linear time, if its features permit.</summary>
    public static Regex Compile(string pattern)
    {
        var whole = $@"\A(?:{pattern})\z";
        try
        {
            return new Regex(whole, Options | RegexOptions.NonBacktracking, Limit);
        }
        catch (NotSupportedException)
        {
            // It uses lookarounds or backreferences.
            return new Regex(whole, Options, Limit);
        }
    }
}
