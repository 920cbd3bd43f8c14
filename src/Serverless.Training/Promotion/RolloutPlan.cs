using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Training.Promotion;

/// <summary>
/// How a challenger takes over the traffic: the section `rollout` of a policy, and the parameter `rollout` of `promote`.
/// Every value has a default, so `rollout: {}` is a plan.
/// </summary>
public sealed record RolloutPlan
{
    /// <summary>
    /// The traffic shares of the steps. The last is 100 %. Each is a share (`5%`) or a map with `traffic` and `bake`.
    /// </summary>
    public IReadOnlyList<RolloutStep> Steps { get; init; } = [new() { Traffic = 0.05 }, new() { Traffic = 0.25 }, new() { Traffic = 1 }];

    /// <summary>The minimum duration of steps without their own.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public TimeSpan Bake { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The minimum number of challenger responses in a step before the next one begins.</summary>
    public int MinimumRequests { get; init; } = 100;

    /// <summary>The accepted chance of rolling back a harmless challenger, over the whole rollout and all evaluations.</summary>
    [JsonConverter(typeof(ShareConverter))]
    public double Alpha { get; init; } = 0.05;

    /// <summary>The rule for failed responses: the model threw, or its score is NaN.</summary>
    public ErrorRule Errors { get; init; } = new();

    public LatencyRule Latency { get; init; } = new();

    /// <summary>The rule for quality, tested if labels arrive. Without labels, it has no effect.</summary>
    public QualityRule? Quality { get; init; }

    public BreakerRule Breaker { get; init; } = new();

    /// <summary>The significance level of the check that the traffic was split as planned. 0 disables it.</summary>
    [JsonConverter(typeof(ShareConverter))]
    public double SampleRatioAlpha { get; init; } = 0.001;

    /// <summary>The time after which an incomplete rollout is rolled back. The default is 7 days.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public TimeSpan Deadline { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Validates the plan. Each error names its key. Empty if the plan is valid.</summary>
    public IReadOnlyList<string> Check() => RolloutPlanCheck.Of(this);

    /// <summary>True if the plan promotes at once: all traffic in one step, without waiting.</summary>
    public static RolloutPlan AtOnce { get; } =
        new()
        {
            Steps = [new RolloutStep { Traffic = 1 }],
            Bake = TimeSpan.Zero,
            MinimumRequests = 0,
        };

    public bool IsAtOnce => Steps.Count == 1 && BakeOf(0) == TimeSpan.Zero && MinimumRequests == 0;

    /// <summary>The minimum duration of a step.</summary>
    public TimeSpan BakeOf(int step) => Steps[step].Bake ?? Bake;
}

/// <summary>A step of a rollout.</summary>
[JsonConverter(typeof(RolloutStepConverter))]
public sealed record RolloutStep
{
    /// <summary>The traffic share: above 0, at most 1.</summary>
    public required double Traffic { get; init; }

    public TimeSpan? Bake { get; init; }
}

/// <summary>The challenger's error rate may be above the champion's by at most <see cref="Margin"/> (a share of all requests).</summary>
public sealed record ErrorRule
{
    [JsonConverter(typeof(ShareConverter))]
    public double Margin { get; init; }
}

/// <summary>
/// The challenger may be slower than the champion by at most <see cref="Margin"/>: 0.25 is a quarter (of the geometric mean).
/// </summary>
public sealed record LatencyRule
{
    [JsonConverter(typeof(ShareConverter))]
    public double Margin { get; init; } = 0.25;

    /// <summary>Whether latency is tested.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>The loss of one prediction, for the quality rule of a rollout.</summary>
public enum QualityLoss
{
    /// <summary>1 for a wrong class.</summary>
    Error,

    /// <summary>The squared difference of probability and label (Brier), or of prediction and label.</summary>
    Squared,

    /// <summary>The absolute difference of prediction and label.</summary>
    Absolute,
}

/// <summary>The challenger's mean loss may be above the champion's by at most <see cref="Margin"/>, in the unit of the loss.</summary>
public sealed record QualityRule
{
    public QualityLoss Loss { get; init; } = QualityLoss.Squared;

    [JsonConverter(typeof(ShareConverter))]
    public double Margin { get; init; }

    /// <summary>
    /// The size of a harm to detect early, in the unit of the loss. It tunes the test. Its level holds for any size.
    /// </summary>
    [JsonConverter(typeof(ShareConverter))]
    public double Effect { get; init; } = 0.05;
}

/// <summary>Rolls back at once, without statistics, if at least a share of the challenger's last responses failed.</summary>
public sealed record BreakerRule
{
    [JsonConverter(typeof(ShareConverter))]
    public double ErrorRate { get; init; } = 0.5;

    /// <summary>The number of last responses on one host. Fewer never trip the breaker.</summary>
    public int Last { get; init; } = 20;
}

/// <summary>`5%`, 0.05 or {traffic: 5%, bake: 10m}.</summary>
internal sealed class RolloutStepConverter : JsonConverter<RolloutStep>
{
    public override RolloutStep Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return new RolloutStep { Traffic = reader.GetDouble() };
        }

        if (reader.TokenType == JsonTokenType.String)
        {
            return new RolloutStep { Traffic = ShareConverter.Parse(reader.GetString()!) };
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("a step is a share such as 5%, or a map with traffic and bake");
        }

        double? traffic = null;
        TimeSpan? bake = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "traffic":
                    traffic = new ShareConverter().Read(ref reader, typeof(double), options);
                    break;
                case "bake":
                    bake = new TimeConverter().Read(ref reader, typeof(TimeSpan), options);
                    break;
                default:
                    throw new JsonException($"a step has no key '{key}', only traffic and bake");
            }
        }

        return new RolloutStep { Traffic = traffic ?? throw new JsonException("a step has no traffic"), Bake = bake };
    }

    public override void Write(Utf8JsonWriter writer, RolloutStep value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("traffic", value.Traffic);
        if (value.Bake is { } bake)
        {
            writer.WriteNumber("bake", bake.TotalSeconds);
        }

        writer.WriteEndObject();
    }
}
