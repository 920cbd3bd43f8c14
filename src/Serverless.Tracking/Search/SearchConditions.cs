using System.Globalization;
using Serverless.Core;
using Serverless.Tracking.Search.Grammar;

namespace Serverless.Tracking.Search;

/// <summary>Turns the comparisons of a filter into conditions. Errors say which values are valid.</summary>
internal static class SearchConditions
{
    public static SearchCondition[] Read(string text, SearchRules rules)
    {
        // In two steps, as in MLflow: a bad value anywhere is reported before a bad comparator.
        var read = SearchClauses.Read(text, rules.Target).Select(clause => (Clause: clause, Condition: Condition(clause, rules))).ToList();
        return [.. read.Select(pair => Checked(pair.Clause, pair.Condition, rules))];
    }

    private static SearchCondition Condition(SearchClause clause, SearchRules rules)
    {
        var key = SearchKeys.Read(clause.Left.Value, rules, rules.Searchable);
        var value = clause.Right;
        var condition = new SearchCondition(key, default);
        if (rules.IsNumeric(key))
        {
            return condition with { Number = Number(clause, key, rules) };
        }

        if (value.Kind is ItemKind.Text or ItemKind.Identifier)
        {
            return condition with { Text = QuotedText.Value(value.Value) };
        }

        var takesList =
            rules.Target == SearchTarget.LoggedModels
            || key.Field == SearchField.Dataset
            || key is { Field: SearchField.Attribute, Name: "run_id" };
        if (value.Kind == ItemKind.Parenthesis && key.Field == SearchField.Attribute && !takesList)
        {
            throw ServerlessException.Invalid("Only the 'run_id' attribute supports comparison with a list of quoted string values.");
        }

        return value.Kind == ItemKind.Parenthesis && takesList
            ? condition with
            {
                List = SearchList.Read(value, isTuple: rules.Target == SearchTarget.LoggedModels),
            }
            : throw ExpectedText(key, value, rules);
    }

    private static SearchCondition Checked(SearchClause clause, SearchCondition condition, SearchRules rules)
    {
        var comparator = Comparators.Read(clause.Comparator, condition.Key, rules);
        if (condition.Number is null && (comparator is Comparator.In or Comparator.NotIn) != (condition.List is not null))
        {
            throw ExpectedText(condition.Key, clause.Right, rules);
        }

        return condition with
        {
            Comparator = comparator,
            Pattern = comparator is Comparator.Like or Comparator.ILike
                ? new LikePattern(condition.Text, comparator == Comparator.ILike)
                : null,
        };
    }

    private static double Number(SearchClause clause, SearchKey key, SearchRules rules)
    {
        var value = clause.Right;

        // Versions are text in JSON, so MLflow also accepts version_number = '2'.
        var text =
            rules.Target == SearchTarget.ModelVersions && value.Kind is ItemKind.Text or ItemKind.Identifier ? QuotedText.Value(value.Value)
            : value.Kind == ItemKind.Number ? value.Value
            : null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        throw ServerlessException.Invalid(
            value.Kind == ItemKind.Parenthesis && rules.Target == SearchTarget.ModelVersions
                ? "Only the 'run_id' attribute supports comparison with a list of quoted string values."
            : key.Field == SearchField.Metric ? $"Expected numeric value type for metric. Found {value.Value}"
            : $"Expected numeric value type for numeric attribute: {SearchKeys.Written(clause.Left.Value)}. Found {value.Value}"
        );
    }

    private static ServerlessException ExpectedText(SearchKey key, SearchItem item, SearchRules rules)
    {
        var value = item.Value;
        return ServerlessException.Invalid(
            (key.Field, rules) switch
            {
                (SearchField.Dataset, _) => $"Expected a quoted string value for dataset attributes. Got value {value}",
                (SearchField.Attribute, { Target: SearchTarget.ModelVersions }) when item.Kind == ItemKind.Number =>
                    $"Only the '{PythonText.Set(rules.Numeric)}' attributes support comparison with numeric values.",
                (SearchField.Attribute, { HasPrompts: true }) =>
                    $"Expected a quoted string value or a list of quoted string values for attributes. Got value {value}",
                (SearchField.Attribute, _) => $"Expected a quoted string value for attributes. Got value {value}",
                _ => $"Expected a quoted string value for {SearchKeys.Name(key.Field)} (e.g. 'my-value'). Got value {value}",
            }
        );
    }
}
