using System.Text.Json;
using Serverless.Core;

namespace Serverless.Automation.Hooks;

/// <summary>A push event.</summary>
public sealed record GithubPush
{
    private const string Branches = "refs/heads/";

    /// <summary>GitHub lists the changes of at most this many commits. With more, a changed file may be missing from the list.</summary>
    private const int MostCommits = 2048;

    public required string Repository { get; init; }

    public required string Branch { get; init; }

    public required string Sha { get; init; }

    public string? Pusher { get; init; }

    public IReadOnlyList<string> Changed { get; init; } = [];

    public bool HasUnknownChanges { get; init; }

    /// <returns>Null for a push without a commit to build: a tag or a deleted branch.</returns>
    public static GithubPush? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            var (reference, sha) = (root.GetProperty("ref").GetString()!, root.GetProperty("after").GetString()!);
            if (!reference.StartsWith(Branches, StringComparison.Ordinal) || sha.All(c => c == '0'))
            {
                return null;
            }

            var commits =
                root.TryGetProperty("commits", out var listed) && listed.ValueKind == JsonValueKind.Array
                    ? listed.EnumerateArray().ToList()
                    : [];
            return new GithubPush
            {
                Repository = root.GetProperty("repository").GetProperty("full_name").GetString()!,
                Branch = reference[Branches.Length..],
                Sha = IsCommit(sha) ? sha : throw new FormatException(),
                Pusher =
                    root.TryGetProperty("pusher", out var pusher) && pusher.TryGetProperty("name", out var name) ? name.GetString() : null,
                Changed =
                [
                    .. commits
                        .SelectMany(c =>
                            ((string[])["added", "modified", "removed"]).SelectMany(kind =>
                                c.TryGetProperty(kind, out var paths) ? paths.EnumerateArray().Select(p => p.GetString()!) : []
                            )
                        )
                        .Distinct(StringComparer.Ordinal),
                ],
                // A forced push or a new branch may list no commits.
                HasUnknownChanges = commits.Count is 0 or >= MostCommits,
            };
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw ServerlessException.Invalid(
                "The body is not a GitHub push event.",
                "Set the webhook's content type to application/json."
            );
        }
    }

    /// <summary>The name becomes part of URLs.</summary>
    private static bool IsCommit(string sha) => sha.Length is 40 or 64 && sha.All(char.IsAsciiHexDigitLower);
}
