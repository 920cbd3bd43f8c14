using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Training.Models;
using Serverless.Training.Promotion;

namespace Serverless.Training.Components.Compare;

/// <summary>The verdict on the winner: whether to promote it, and why.</summary>
internal sealed record VerdictReport
{
    public required bool Promote { get; init; }

    public required string Metric { get; init; }

    /// <summary>The test of the p-value. Null if there was nothing to compare with.</summary>
    public string? Test { get; init; }

    public double? PValue { get; init; }

    /// <summary>The winner's improvement in the metric on the test rows. Negative if it is worse.</summary>
    public double? Effect { get; init; }

    public required double Alpha { get; init; }

    public required double MinimumEffect { get; init; }

    /// <summary>The version in production. Null if there is none: p-value and effect are then against the runner-up.</summary>
    public ChampionReport? Champion { get; init; }

    public required ChallengerReport Challenger { get; init; }

    public RunnerUpReport? RunnerUp { get; init; }

    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Each rule, whether it is met, and its numbers. Null does not decide anything.</summary>
    public IReadOnlyList<RuleReport> Rules { get; init; } = [];

    /// <summary>All key metrics, the first of which is <see cref="Metric"/>.</summary>
    public IReadOnlyList<KeyMetricReport> KeyMetrics { get; init; } = [];

    /// <summary>The guardrails, on all rows and on slices.</summary>
    public IReadOnlyList<GuardrailReport> Guardrails { get; init; } = [];

    /// <summary>The approval required before promotion. Null if none is.</summary>
    public ApprovalRule? Approval { get; init; }
}

internal sealed record RuleReport(string Kind, string About, bool? Holds, string Text);

internal sealed record KeyMetricReport(
    string Name,
    double? Champion,
    double? Challenger,
    double? Effect,
    double? Low,
    double? High,
    string? Test,
    double? PValue,
    double MinimumEffect
);

internal sealed record GuardrailReport(
    string Metric,
    string? Column,
    string? Value,
    int Rows,
    double? Champion,
    double? Challenger,
    double? Effect,
    double? Bound,
    double Margin,
    bool? Holds,
    string? Note
);

internal sealed record ChampionReport(int Version, string Digest, double? Value);

internal sealed record ChallengerReport(string Name, string Digest, double? Value);

internal sealed record RunnerUpReport(string Name, double? PValue, double? Effect);

/// <summary>A candidate's metrics on the validation part, which chooses, and on the test part, which judges.</summary>
internal sealed record CandidateReport(
    string Name,
    string Digest,
    IReadOnlyDictionary<string, double?> Validation,
    IReadOnlyDictionary<string, double?> Test
);

/// <summary>A metric of the winner on the test part, with its 95 % bootstrap interval.</summary>
public sealed record MetricReport(string Name, double? Value, double? Low, double? High);

public sealed record SliceReport(string Column, string Value, int Rows, IReadOnlyDictionary<string, double?> Metrics);

/// <summary>The report of `compare`: the basis of the choice and the verdict.</summary>
internal sealed record ComparisonReport
{
    private static readonly JsonSerializerOptions Json = new(ModelJson.Indented) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public required string Name { get; init; }

    public required VerdictReport Verdict { get; init; }

    public required IReadOnlyList<CandidateReport> Candidates { get; init; }

    public required IReadOnlyDictionary<string, double> Floors { get; init; }

    public required TestDataReport TestData { get; init; }

    public required IReadOnlyList<MetricReport> Metrics { get; init; }

    public required IReadOnlyList<SliceReport> Slices { get; init; }

    public string Write() => JsonSerializer.Serialize(this, Json) + "\n";

    public static ComparisonReport Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ComparisonReport>(File.ReadAllText(path), Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw ServerlessException.Invalid(
                $"'{path}' is not a verdict: {e.Message}",
                "Give the file that `compare` wrote as `verdict`."
            );
        }
    }

    public static JsonNode ToNode<T>(T value) => JsonSerializer.SerializeToNode(value, Json)!;
}

internal sealed record TestDataReport(string Name, string Digest, int Rows);
