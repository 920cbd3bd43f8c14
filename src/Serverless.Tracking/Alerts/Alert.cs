using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Tracking.Alerts;

/// <summary>Something that people should know of: what happened, why, and from which version to which.</summary>
public sealed record Alert
{
    /// <summary>The same happening has the same id, however often it is told; a receiver can pass over what it knows.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>`rollout.rolled_back`, say.</summary>
    public required string Event { get; init; }

    public required string Workspace { get; init; }

    public string? Model { get; init; }

    /// <summary>One sentence that says it all; chat rooms show it.</summary>
    public required string Text { get; init; }

    public string? Why { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    /// <summary>Who did it.</summary>
    public string? By { get; init; }

    /// <summary>The numbers behind it.</summary>
    public JsonElement? Details { get; init; }

    /// <summary>As a webhook gets it: snake_case, with the `text` that Slack and Mattermost show.</summary>
    public static JsonSerializerOptions Json { get; } =
        new(JsonSerializerDefaults.General)
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        };

    public byte[] ToBody() => JsonSerializer.SerializeToUtf8Bytes(this, Json);
}

/// <summary>An alert on its way to one target.</summary>
public sealed record AlertDelivery
{
    public required Alert Alert { get; init; }

    public required AlertTarget Target { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Not before.</summary>
    public DateTimeOffset NextAt { get; init; }

    /// <summary>How often it was tried, each time with a few quick repetitions.</summary>
    public int Attempts { get; init; }

    /// <summary>A host that sends it says until when nobody else shall.</summary>
    public DateTimeOffset ClaimedUntil { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>Why the last try failed. It never holds the address.</summary>
    public string? Error { get; init; }
}
