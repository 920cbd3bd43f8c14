using Microsoft.Extensions.FileSystemGlobbing;

namespace Serverless.Automation.Hooks;

/// <summary>A webhook mapping: which pipeline a push starts.</summary>
public sealed record HookMapping
{
    /// <summary>The name of the mapping. Part of the commit status: `mlops/{name}`.</summary>
    public required string Name { get; init; }

    /// <summary>OWNER/NAME.</summary>
    public required string Repository { get; init; }

    /// <summary>Branch patterns.</summary>
    public IReadOnlyList<string> Branches { get; init; } = ["main"];

    /// <summary>File patterns. At least one matching file must have changed. Empty to match any push.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>The folder of the dvc.yaml in the repository.</summary>
    public string Pipeline { get; init; } = ".";

    /// <summary>The registered model whose champion the metrics are compared with.</summary>
    public string? Model { get; init; }

    public bool Matches(GithubPush push) =>
        string.Equals(push.Repository, Repository, StringComparison.OrdinalIgnoreCase)
        && Matches(Branches, push.Branch)
        && (Paths.Count == 0 || push.HasUnknownChanges || push.Changed.Any(path => Matches(Paths, path)));

    private static bool Matches(IReadOnlyList<string> globs, string path)
    {
        var matcher = new Matcher(StringComparison.Ordinal);
        foreach (var glob in globs)
        {
            _ = glob.StartsWith('!') ? matcher.AddExclude(glob[1..]) : matcher.AddInclude(glob);
        }

        return matcher.Match(path).HasMatches;
    }
}
