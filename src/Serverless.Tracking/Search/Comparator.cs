using System.Text.RegularExpressions;
using Serverless.Core;
using Serverless.Tracking.Search.Grammar;

namespace Serverless.Tracking.Search;

internal enum Comparator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
    ILike,
    In,
    NotIn,
}

/// <summary>Checks the comparators of a key. The messages differ between searches, as MLflow's do.</summary>
internal static partial class Comparators
{
    public static Comparator Read(string written, SearchKey key, SearchRules rules)
    {
        var text = Blanks().Replace(written, " ").ToUpperInvariant();
        var valid = Valid(key, rules);
        return valid.Contains(text) ? Of(text) : throw ServerlessException.Invalid(Invalid(text, key, rules, valid));
    }

    private static string[] Valid(SearchKey key, SearchRules rules) =>
        rules.IsNumeric(key) ? SearchRules.NumberComparators
        : key is { Field: SearchField.Attribute, Name: "run_id" }
            ? rules.Target == SearchTarget.Runs ? SearchRules.ListComparators
                : [.. SearchRules.TextComparators, "IN"]
        : rules.Target == SearchTarget.LoggedModels
        || key.Field == SearchField.Dataset
        || (rules.Target == SearchTarget.Runs && key.Field == SearchField.Attribute)
            ? SearchRules.ListComparators
        : SearchRules.TextComparators;

    private static string Invalid(string text, SearchKey key, SearchRules rules, string[] valid)
    {
        if (rules.Target == SearchTarget.Runs || (rules.Target == SearchTarget.Experiments && key.Field == SearchField.Attribute))
        {
            // MLflow omits the last quote in all but two.
            var quote = key.Field == SearchField.Param || (key.Field == SearchField.Attribute && !rules.IsNumeric(key)) ? "'" : "";
            return $"Invalid comparator '{text}' not one of '{PythonText.Set(valid)}{quote}";
        }

        if (rules.Target == SearchTarget.LoggedModels)
        {
            return $"Invalid comparison operator for {SearchKeys.Plural(key.Field)}.{key.Name}: '{text}'. Expected one of ('=', '!=', "
                + $"'LIKE', 'ILIKE', 'IN', 'NOT IN').";
        }

        return rules.IsNumeric(key)
            ? $"Invalid comparator for attribute {key.Name}: {text}"
            : $"Invalid comparator for {SearchKeys.Name(key.Field)}: {text}";
    }

    private static Comparator Of(string text) =>
        text switch
        {
            "=" => Comparator.Equal,
            "!=" => Comparator.NotEqual,
            "<" => Comparator.Less,
            "<=" => Comparator.LessOrEqual,
            ">" => Comparator.Greater,
            ">=" => Comparator.GreaterOrEqual,
            "LIKE" => Comparator.Like,
            "ILIKE" => Comparator.ILike,
            "IN" => Comparator.In,
            _ => Comparator.NotIn,
        };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
