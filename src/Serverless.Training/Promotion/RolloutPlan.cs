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
    /// The shares of traffic, one after the other; the last is 100 %. Each is a share (`5%`) or a map with `traffic` and `bake`.
    /// </summary>
    public IReadOnlyList<RolloutStep> Steps { get; init; } = [new() { Traffic = 0.05 }, new() { Traffic = 0.25 }, new() { Traffic = 1 }];

    /// <summary>How long a step lasts at least, where the step itself does not say.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public TimeSpan Bake { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>So many requests the challenger must have answered in a step before the next one begins.</summary>
    public int MinimumRequests { get; init; } = 100;

    /// <summary>The chance that a harmless challenger is taken back, over the whole rollout and all its looks.</summary>
    [JsonConverter(typeof(ShareConverter))]
    public double Alpha { get; init; } = 0.05;

    /// <summary>Answers that failed: the model threw, or its score is NaN.</summary>
    public ErrorRule Errors { get; init; } = new();

    public LatencyRule Latency { get; init; } = new();

    /// <summary>Judged where labels arrive; without labels it neither helps nor hinders.</summary>
    public QualityRule? Quality { get; init; }

    public BreakerRule Breaker { get; init; } = new();

    /// <summary>The level of the check that the traffic was shared as planned. 0 turns it off.</summary>
    [JsonConverter(typeof(ShareConverter))]
    public double SampleRatioAlpha { get; init; } = 0.001;

    /// <summary>A rollout that has not come to its end by then is taken back. Default: 7 days.</summary>
    [JsonConverter(typeof(TimeConverter))]
    public TimeSpan Deadline { get; init; } = TimeSpan.FromDays(7);

    /// <summary>What cannot be meant; each with the key it is about. Empty if the plan holds.</summary>
    public IReadOnlyList<string> Check() => RolloutPlanCheck.Of(this);

    /// <summary>All traffic at once, and nothing to wait for: the challenger goes to Production as the rollout begins.</summary>
    public static RolloutPlan AtOnce { get; } =
        new()
        {
            Steps = [new RolloutStep { Traffic = 1 }],
            Bake = TimeSpan.Zero,
            MinimumRequests = 0,
        };

    public bool IsAtOnce => Steps.Count == 1 && BakeOf(0) == TimeSpan.Zero && MinimumRequests == 0;

    /// <summary>How long a step lasts at least.</summary>
    public TimeSpan BakeOf(int step) => Steps[step].Bake ?? Bake;
}

/// <summary>A step of a rollout.</summary>
[JsonConverter(typeof(RolloutStepConverter))]
public sealed record RolloutStep
{
    /// <summary>Above 0, at most 1.</summary>
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

    /// <summary>False if latency does not count.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>The loss of one answer, by which a rollout judges quality.</summary>
public enum QualityLoss
{
    /// <summary>1 for a wrong class.</summary>
    Error,

    /// <summary>The squared distance of probability and label (Brier), or of prediction and label.</summary>
    Squared,

    /// <summary>The distance of prediction and label.</summary>
    Absolute,
}

/// <summary>The challenger's mean loss may be above the champion's by at most <see cref="Margin"/>, in the unit of the loss.</summary>
public sealed record QualityRule
{
    public QualityLoss Loss { get; init; } = QualityLoss.Squared;

    [JsonConverter(typeof(ShareConverter))]
    public double Margin { get; init; }

    /// <summary>
    /// The size of a harm that one wants to see soon, in the unit of the loss. It tunes the test, its level holds for any.
    /// </summary>
    [JsonConverter(typeof(ShareConverter))]
    public double Effect { get; init; } = 0.05;
}

/// <summary>Takes the challenger back at once, without any statistics: at least a share of its last answers failed.</summary>
public sealed record BreakerRule
{
    [JsonConverter(typeof(ShareConverter))]
    public double ErrorRate { get; init; } = 0.5;

    /// <summary>Of how many last answers, on one host; fewer than that never trip it.</summary>
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
