using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Monitoring.Performance;

namespace Serverless.Training.Promotion;

/// <summary>
/// What a challenger must achieve on the test rows: the section `promotion` of a policy, and the parameter `rules` of `compare`.
/// A NaN never promotes.
/// </summary>
public sealed record PromotionRules
{
    /// <summary>
    /// The key metrics: each a name, or a map with `name` and `minimum_effect`. The default is auc for binary, rmse for regression.
    /// </summary>
    public IReadOnlyList<KeyMetric> Metrics { get; init; } = [];

    /// <summary>
    /// Whether the challenger must be better in all key metrics, or in any (with Holm's correction) while not worse in the others.
    /// </summary>
    public Requirement Require { get; init; } = Requirement.All;

    /// <summary>The significance level: the accepted chance of promoting a challenger that is no better.</summary>
    [JsonConverter(typeof(ShareConverter))]
    public double Alpha { get; init; } = 0.05;

    /// <summary>The minimum gain for a promotion, for key metrics without their own.</summary>
    [JsonConverter(typeof(ShareConverter))]
    public double MinimumEffect { get; init; }

    /// <summary>The worst accepted value by metric, regardless of the champion.</summary>
    public IReadOnlyDictionary<string, double> Floors { get; init; } = new Dictionary<string, double>();

    /// <summary>Metrics that must not be worse.</summary>
    public IReadOnlyList<Guardrail> Guardrails { get; init; } = [];

    /// <summary>Slices of the rows on which the challenger must not be worse.</summary>
    public SliceRule? Slices { get; init; }

    /// <summary>The approval required after the tests pass. Null if none is.</summary>
    public ApprovalRule? Approval { get; init; }

    /// <summary>Validates the rules. Each error names its key. Empty if the rules are valid.</summary>
    public IReadOnlyList<string> Check() => PromotionCheck.Of(this);
}

public enum Requirement
{
    All,
    Any,
}

/// <summary>A metric in which a challenger must be better.</summary>
[JsonConverter(typeof(KeyMetricConverter))]
public sealed record KeyMetric
{
    public required string Name { get; init; }

    public double? MinimumEffect { get; init; }
}

/// <summary>
/// A metric in which the challenger must not be worse: the one-sided confidence bound of its gain over the champion must lie above
/// -<see cref="Margin"/>.
/// </summary>
public sealed record Guardrail
{
    public required string Metric { get; init; }

    [JsonConverter(typeof(ShareConverter))]
    public required double Margin { get; init; }
}

/// <summary>Slices by the values of columns, on which the challenger must not be worse in <see cref="Metric"/>.</summary>
public sealed record SliceRule
{
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The metric. The default is the first key metric.</summary>
    public string? Metric { get; init; }

    [JsonConverter(typeof(ShareConverter))]
    public required double Margin { get; init; }

    /// <summary>The minimum number of rows of a slice. Smaller slices are reported but not tested.</summary>
    public int MinimumRows { get; init; } = 100;
}

/// <summary>Requires approval by a member of a role before the deadline. No response counts as a rejection.</summary>
public sealed record ApprovalRule
{
    public required string Role { get; init; }

    [JsonConverter(typeof(TimeConverter))]
    public TimeSpan Deadline { get; init; } = TimeSpan.FromDays(3);
}

internal static class PromotionCheck
{
    public static IReadOnlyList<string> Of(PromotionRules rules)
    {
        var found = new List<string>();
        void Require(bool holds, string what)
        {
            if (!holds)
            {
                found.Add(what);
            }
        }

        bool IsMetric(string name) => MetricDefinition.All.Any(m => m.Name == name);
        var known = string.Join(", ", MetricDefinition.All.Select(m => m.Name));
        var names = rules
            .Metrics.Select(m => m.Name)
            .Concat(rules.Floors.Keys)
            .Concat(rules.Guardrails.Select(g => g.Metric))
            .Concat(rules.Slices?.Metric is { } s ? [s] : [])
            .Distinct(StringComparer.Ordinal);
        foreach (var name in names.Where(n => !IsMetric(n)))
        {
            found.Add($"unknown metric '{name}': use {known}");
        }

        Require(rules.Metrics.Select(m => m.Name).Distinct(StringComparer.Ordinal).Count() == rules.Metrics.Count, "metrics: each once");
        Require(rules.Alpha is >= 0.0001 and <= 0.5, "alpha: from 0.0001 to 0.5; 0.05 is usual");
        Require(rules.MinimumEffect >= 0 && double.IsFinite(rules.MinimumEffect), "minimum_effect: 0 or more");
        Require(rules.Metrics.All(m => m.MinimumEffect is null or >= 0), "metrics: minimum_effect is 0 or more");
        Require(rules.Floors.Values.All(double.IsFinite), "floors: numbers");
        Require(rules.Guardrails.All(g => g.Margin >= 0 && double.IsFinite(g.Margin)), "guardrails: margin is 0 or more");
        Require(rules.Slices is null || rules.Slices.Columns.Count > 0, "slices.columns: at least one");
        Require(rules.Slices is null || (rules.Slices.Margin >= 0 && double.IsFinite(rules.Slices.Margin)), "slices.margin: 0 or more");
        Require(rules.Slices is null || rules.Slices.MinimumRows >= 2, "slices.minimum_rows: 2 or more");
        Require(rules.Approval is null || !string.IsNullOrWhiteSpace(rules.Approval.Role), "approval.role: the name of a role");
        Require(rules.Approval is null || rules.Approval.Deadline > TimeSpan.Zero, "approval.deadline: above 0");
        return found;
    }
}

/// <summary>`auc` or {name: auc, minimum_effect: 0.002}.</summary>
internal sealed class KeyMetricConverter : JsonConverter<KeyMetric>
{
    public override KeyMetric Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new KeyMetric { Name = reader.GetString()! };
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("a key metric is a name, or a map with name and minimum_effect");
        }

        string? name = null;
        double? effect = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "name" when reader.TokenType == JsonTokenType.String:
                    name = reader.GetString();
                    break;
                case "minimum_effect":
                    effect = new ShareConverter().Read(ref reader, typeof(double), options);
                    break;
                default:
                    throw new JsonException($"a key metric has no key '{key}', only name and minimum_effect");
            }
        }

        return new KeyMetric { Name = name ?? throw new JsonException("a key metric has no name"), MinimumEffect = effect };
    }

    public override void Write(Utf8JsonWriter writer, KeyMetric value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("name", value.Name);
        if (value.MinimumEffect is { } effect)
        {
            writer.WriteNumber("minimum_effect", effect);
        }

        writer.WriteEndObject();
    }
}
