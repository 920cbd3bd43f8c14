using System.Text.Json.Serialization;

namespace Serverless.Tracking.Alerts;

/// <summary>
/// A target of alerts: an item of a policy's `alerts` section. Chat room addresses are secrets, so both values may be `env:NAME`, which
/// the delivering host resolves in its environment; only the reference is stored.
/// </summary>
public sealed record AlertTarget
{
    private const string FromEnvironment = "env:";

    /// <summary>Gets the address: `https://…`, `http://…` or `env:NAME`.</summary>
    public required string Webhook { get; init; }

    /// <summary>
    /// Gets `env:NAME` of the key that signs the body (HMAC-SHA256, header `X-Serverless-Signature`), or null for no signature.
    /// </summary>
    public string? Secret { get; init; }

    /// <summary>Gets the events to deliver: names such as `rollout.rolled_back`, or prefixes such as `rollout.*`. Default: all.</summary>
    public IReadOnlyList<string> On { get; init; } = [];

    /// <summary>Gets the host only: the rest of the address may be a secret.</summary>
    [JsonIgnore]
    public string Shown =>
        Webhook.StartsWith(FromEnvironment, StringComparison.Ordinal) ? Webhook
        : Uri.TryCreate(Webhook, UriKind.Absolute, out var uri) ? $"{uri.Scheme}://{uri.Authority}"
        : "***";

    public bool Wants(string happened) =>
        On.Count == 0
        || On.Any(o =>
            o == happened
            || o == "*"
            || (o.EndsWith(".*", StringComparison.Ordinal) && happened.StartsWith(o[..^1], StringComparison.Ordinal))
        );

    /// <summary>Returns every problem of the target, with its key; empty if the target is valid.</summary>
    public IReadOnlyList<string> Check()
    {
        var found = new List<string>();
        if (
            !IsReference(Webhook)
            && !(Uri.TryCreate(Webhook, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0)
        )
        {
            found.Add("webhook: an address such as https://hooks.example.com/x, or env:NAME");
        }

        if (Secret is not null && !IsReference(Secret))
        {
            found.Add("secret: env:NAME of the environment variable with the secret; the secret itself is never stored");
        }

        return found;
    }

    public static string? Resolve(string? value, Func<string, string?> environment) =>
        value is null ? null
        : IsReference(value) ? environment(value[FromEnvironment.Length..])
        : value;

    private static bool IsReference(string value) =>
        value.StartsWith(FromEnvironment, StringComparison.Ordinal) && value.Length > FromEnvironment.Length;
}
