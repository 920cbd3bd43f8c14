using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Tracking.Alerts;

/// <summary>A notification about an event: what happened, why, and from which version to which.</summary>
public sealed record Alert
{
    /// <summary>Gets the id, which is the same however often the event is reported, so that receivers can skip duplicates.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the event, for example `rollout.rolled_back`.</summary>
    public required string Event { get; init; }

    public required string Workspace { get; init; }

    public string? Model { get; init; }

    /// <summary>Gets one sentence that summarises the event, as shown in chat rooms.</summary>
    public required string Text { get; init; }

    public string? Why { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    /// <summary>Gets who caused the event.</summary>
    public string? By { get; init; }

    /// <summary>Gets the numbers behind the event.</summary>
    public JsonElement? Details { get; init; }

    /// <summary>Returns the webhook payload in snake_case, with the `text` that Slack and Mattermost show.</summary>
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

/// <summary>The delivery of an alert to one target.</summary>
public sealed record AlertDelivery
{
    public required Alert Alert { get; init; }

    public required AlertTarget Target { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Gets the earliest time of the next attempt.</summary>
    public DateTimeOffset NextAt { get; init; }

    /// <summary>Gets the number of attempts, each with a few quick retries.</summary>
    public int Attempts { get; init; }

    /// <summary>Gets until when a sending host has reserved the delivery.</summary>
    public DateTimeOffset ClaimedUntil { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>Gets why the last attempt failed. Never contains the address.</summary>
    public string? Error { get; init; }
}
